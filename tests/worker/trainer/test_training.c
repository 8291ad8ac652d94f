#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "schema/base/memory.h"
#include "worker/data/corpus.h"
#include "worker/data/file.h"
#include "worker/trainer/flags.h"
#include "worker/trainer/keeping.h"
#include "worker/trainer/training.h"

/* A folder of the test's own with a small corpus in it; the environment of a run points there. */
struct fixture {
	char folder[64], data[96], reports[96], model[96], out[96];
	int fd;
};

static void set_fd(int fd)
{
	char number[16];
	snprintf(number, sizeof number, "%d", fd);
	assert_int_equal(setenv("KRE_REPORT_FD", number, 1), 0);
}

static int prepare(void **state)
{
	static struct fixture fixture;
	struct text text = TEXT_NULL;
	strcpy(fixture.folder, "/tmp/kre-train-test-XXXXXX");
	assert_non_null(mkdtemp(fixture.folder));
	snprintf(fixture.data, sizeof fixture.data, "%s/corpus.json", fixture.folder);
	snprintf(fixture.reports, sizeof fixture.reports, "%s/reports", fixture.folder);
	snprintf(fixture.model, sizeof fixture.model, "%s/model", fixture.folder);
	snprintf(fixture.out, sizeof fixture.out, "%s/submission.csv", fixture.folder);
	corpus_print(&text, &(struct corpus_options){600, 1, 0, 0});
	assert_int_equal(file_write(fixture.data, text.data, text.length, NULL), 0);
	text_finish(&text);
	fixture.fd = open(fixture.reports, O_RDWR | O_CREAT, 0600);
	assert_true(fixture.fd >= 0);
	set_fd(fixture.fd);
	setenv("KRE_RUN_DIR", fixture.folder, 1);
	*state = &fixture;
	return 0;
}

static int clean_up(void **state)
{
	static const char *const names[] = {"corpus.json", "reports", "model/config", "model/weights", "model",
	        "submission.csv", "again.csv", "classes.csv", "confusion.csv", ""};
	const struct fixture *fixture = *state;
	close(fixture->fd);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char path[128];
		snprintf(path, sizeof path, "%s/%s", fixture->folder, names[i]);
		remove(path);
	}
	return 0;
}

/* Trains with the flags; the reports are at *out (memory_free). */
static int run(char **out, const struct fixture *fixture, const char *const *flags, struct error *error)
{
	struct settings settings;
	struct task task = {0};
	void *model = NULL;
	size_t length;
	assert_int_equal(ftruncate(fixture->fd, 0), 0);
	lseek(fixture->fd, 0, SEEK_SET);
	int result = settings_read(&settings, flags, error);
	if (result == 0)
		result = task_init(&task, &settings, error);
	if (result == 0)
		result = training_run(&model, &settings, &task, error);
	if (result == 0 && settings.save)
		result = keeping_save(settings.save, &settings, task.data.labels, model, error);
	if (result == 0 && settings.save)
		result = knowledge_save(settings.save, &task.knowledge, error);
	if (result == 0 && settings.predict) {
		const struct kept_model kept = {.settings = settings, .labels = task.data.labels, .model = model};
		result = keeping_predict(&kept, settings.predict, settings.out, error);
	}
	model_classes[settings.model]->destroy(model);
	task_finish(&task);
	settings_finish(&settings);
	assert_int_equal(file_read(out, &length, fixture->reports, NULL), 0);
	return result;
}

static double number_after(const char *text, const char *key)
{
	const char *at = strstr(text, key);
	if (!at)
		fail_msg("no %s in %s", key, text);
	return strtod(at + strlen(key), NULL);
}

static void a_training_that_gets_no_better_ends_when_patience_does(void **state)
{
	struct fixture *fixture = *state;
	const char *flags[] = {"--data", fixture->data, "--epochs=60", "--patience=2", "--learning-rate=0.3", NULL};
	char *reports, last[32];
	assert_int_equal(run(&reports, fixture, flags, NULL), 0);
	const char *final = strstr(reports, "\n{\"final\":true");
	assert_non_null(final);
	const int best = (int)number_after(final, "\"epoch\":");
	assert_true(best < 50);
	snprintf(last, sizeof last, "\n{\"step\":%d,", best + 2);
	assert_non_null(strstr(reports, last));
	snprintf(last, sizeof last, "\n{\"step\":%d,", best + 3);
	assert_null(strstr(reports, last));
	memory_free(reports);
}

static void a_neural_model_learns_the_corpus_and_predicts_the_same_from_its_file(void **state)
{
	struct fixture *fixture = *state;
	char again[128], *reports, *first, *second;
	size_t lengths[2];
	const char *flags[] = {"--data", fixture->data, "--model=cnn", "--epochs=12", "--filters=50",
	        "--embedding-width=40", "--learning-rate=0.005", "--save", fixture->model, "--predict", fixture->data,
	        "--out", fixture->out, NULL};
	struct kept_model kept;
	struct error error = {""};
	if (run(&reports, fixture, flags, &error) < 0)
		fail_msg("%s", error.text);
	const double f1 = number_after(strstr(reports, "\n{\"final\":true"), "\"f1\":");
	if (f1 < 0.7)
		fail_msg("f1 is %g", f1);
	snprintf(again, sizeof again, "%s/again.csv", fixture->folder);
	assert_int_equal(keeping_load(&kept, fixture->model, &error), 0);
	assert_int_equal(keeping_predict(&kept, fixture->data, again, &error), 0);
	assert_int_equal(file_read(&first, &lengths[0], fixture->out, NULL), 0);
	assert_int_equal(file_read(&second, &lengths[1], again, NULL), 0);
	assert_int_equal(lengths[0], lengths[1]);
	assert_memory_equal(first, second, lengths[0]);
	keeping_finish(&kept);
	memory_free(reports);
	memory_free(first);
	memory_free(second);
}

static void every_epoch_is_a_line_and_the_last_line_is_final(void **state)
{
	struct fixture *fixture = *state;
	const char *flags[] = {"--data", fixture->data, "--epochs=3", "--learning-rate=0.3", NULL};
	struct error error = {""};
	char *reports;
	if (run(&reports, fixture, flags, &error) < 0)
		fail_msg("%s", error.text);
	assert_memory_equal(reports, "{\"step\":1,\"f1\":", 15);
	assert_non_null(strstr(reports, "\n{\"step\":3,\"f1\":"));
	assert_null(strstr(reports, "{\"step\":4"));
	const char *final = strstr(reports, "\n{\"final\":true,\"f1\":");
	assert_non_null(final);
	assert_true(number_after(final, "\"f1\":") > 0.5);
	assert_true(number_after(final, "\"f1\":") <= 1);
	assert_true(number_after(final, "\"auprc\":") > 0.4);
	assert_non_null(strstr(final, "\"tables\":{\"classes\":[{\"label\":\"no_relation\",\"precision\":"));
	assert_non_null(
	        strstr(final, "\"confusion\":[{\"truth\":\"no_relation\",\"predicted\":\"no_relation\",\"count\":"));
	memory_free(reports);
	char path[128];
	struct stat info;
	snprintf(path, sizeof path, "%s/classes.csv", fixture->folder);
	assert_int_equal(stat(path, &info), 0);
	assert_true(info.st_size > 500);
}

static void the_same_flags_give_the_same_reports(void **state)
{
	struct fixture *fixture = *state;
	const char *flags[] = {"--data", fixture->data, "--epochs=2", "--folds=5", "--fold=1", NULL};
	struct error error;
	char *first, *again;
	assert_int_equal(run(&first, fixture, flags, &error), 0);
	assert_int_equal(run(&again, fixture, flags, &error), 0);
	size_t epochs = (size_t)(strstr(first, "{\"final\"") - first);
	assert_memory_equal(first, again, epochs);
	memory_free(first);
	memory_free(again);
}

static void a_kept_model_predicts_as_the_one_just_trained(void **state)
{
	struct fixture *fixture = *state;
	const char *flags[] = {"--data", fixture->data, "--epochs=2", "--save", fixture->model, "--predict",
	        fixture->data, "--out", fixture->out, "--char_max=3", NULL};
	struct error error = {""};
	char *reports, *one, *other, again[128];
	size_t one_length, other_length;
	if (run(&reports, fixture, flags, &error) < 0)
		fail_msg("%s", error.text);
	memory_free(reports);
	struct kept_model kept;
	snprintf(again, sizeof again, "%s/again.csv", fixture->folder);
	if (keeping_load(&kept, fixture->model, &error) < 0 || keeping_predict(&kept, fixture->data, again, &error) < 0)
		fail_msg("%s", error.text);
	keeping_finish(&kept);
	assert_int_equal(file_read(&one, &one_length, fixture->out, &error), 0);
	assert_int_equal(file_read(&other, &other_length, again, &error), 0);
	assert_int_equal(one_length, other_length);
	assert_memory_equal(one, other, one_length);
	memory_free(one);
	memory_free(other);
}

/* Every subject of the corpus is in the lexicon, with one of three classes. */
static void write_lexicon(const struct fixture *fixture, const char *path)
{
	const struct dataset_rules rules = {.for_training = true};
	struct dataset dataset;
	struct text text = TEXT_NULL, entry = TEXT_NULL;
	assert_int_equal(task_read_file(&dataset, fixture->data, &rules, NULL), 0);
	text_append(&text, "\n");
	for (size_t i = 0; i < dataset.count; i++) {
		const struct entity *subject = &dataset.examples[i].subject;
		text_clear(&entry);
		text_append(&entry, "\n");
		text_append_bytes(&entry, dataset.examples[i].sentence + subject->begin_bytes,
		        subject->end_bytes - subject->begin_bytes);
		text_append(&entry, "\t");
		if (!strstr(text_string(&text), text_string(&entry)))
			text_printf(&text, "%sclass%zu\n", text_string(&entry), i % 3);
	}
	assert_int_equal(file_write(path, text.data, text.length, NULL), 0);
	text_finish(&text);
	text_finish(&entry);
	dataset_finish(&dataset);
}

/* True when the kept model says of the corpus what is in the fixture's `out`. */
static bool kept_model_agrees(const struct fixture *fixture)
{
	struct kept_model kept;
	char again[128], *first, *second;
	size_t lengths[2];
	snprintf(again, sizeof again, "%s/again.csv", fixture->folder);
	assert_int_equal(keeping_load(&kept, fixture->model, NULL), 0);
	assert_int_equal(keeping_predict(&kept, fixture->data, again, NULL), 0);
	keeping_finish(&kept);
	assert_int_equal(file_read(&first, &lengths[0], fixture->out, NULL), 0);
	assert_int_equal(file_read(&second, &lengths[1], again, NULL), 0);
	const bool same = lengths[0] == lengths[1] && memcmp(first, second, lengths[0]) == 0;
	memory_free(first);
	memory_free(second);
	return same;
}

static void a_kept_model_keeps_its_lexicon_and_forgets_an_older_one(void **state)
{
	struct fixture *fixture = *state;
	char lexicon[128], kept_lexicon[128], *reports;
	snprintf(lexicon, sizeof lexicon, "%s/lexicon.tsv", fixture->folder);
	snprintf(kept_lexicon, sizeof kept_lexicon, "%s/lexicon", fixture->model);
	write_lexicon(fixture, lexicon);
	const char *flags[] = {"--data", fixture->data, "--epochs=2", "--lexicon", lexicon, "--save", fixture->model,
	        "--predict", fixture->data, "--out", fixture->out, NULL};
	assert_int_equal(run(&reports, fixture, flags, NULL), 0);
	memory_free(reports);
	remove(lexicon);
	assert_true(kept_model_agrees(fixture));
	remove(kept_lexicon);
	assert_false(kept_model_agrees(fixture)); /* so the lexicon was seen */
	assert_int_equal(file_write(kept_lexicon, "a\tb\n", 4, NULL), 0);
	const char *plain[] = {"--data", fixture->data, "--epochs=1", "--save", fixture->model, NULL};
	assert_int_equal(run(&reports, fixture, plain, NULL), 0);
	memory_free(reports);
	assert_int_equal(access(kept_lexicon, F_OK), -1);
}

static void a_bad_line_of_a_lexicon_is_named_with_its_file(void **state)
{
	struct fixture *fixture = *state;
	char lexicon[128], expected[192], *reports;
	snprintf(lexicon, sizeof lexicon, "%s/lexicon.tsv", fixture->folder);
	snprintf(expected, sizeof expected, "%s: line 2 has no tab between a word and its classes", lexicon);
	assert_int_equal(file_write(lexicon, "a\tb\nc d\n", 8, NULL), 0);
	const char *flags[] = {"--data", fixture->data, "--lexicon", lexicon, NULL};
	struct error error = {""};
	assert_int_equal(run(&reports, fixture, flags, &error), -EINVAL);
	assert_string_equal(error.text, expected);
	memory_free(reports);
	remove(lexicon);
}

static void a_loss_that_is_no_number_ends_the_run_with_the_epoch_named(void **state)
{
	struct fixture *fixture = *state;
	const char *flags[] = {"--data", fixture->data, "--loss=squared_hinge", "--optimizer=sgd",
	        "--learning_rate=1000", "--schedule=constant", NULL};
	struct error error = {""};
	char *reports;
	assert_int_equal(run(&reports, fixture, flags, &error), -EDOM);
	assert_non_null(strstr(error.text, "epoch 1: the loss is no number any more"));
	assert_null(strstr(reports, "final"));
	memory_free(reports);
}

static void wrong_flags_are_told_in_one_sentence(void **state)
{
	static const struct {
		const char *flags[4];
		const char *message;
	} cases[] = {
	        {{"--nothing=1"}, "there is no flag --nothing (see --help)"},
	        {{"data"}, "\"data\" is not a flag (see --help)"},
	        {{"--data"}, "--data needs a value"},
	        {{"--folds=3", "--fold=3"}, "--fold must be below --folds (3)"},
	        {{"--predict=x"}, "--predict and --out go together"},
	        {{"--model=cart"}, "--model must be one of "},
	        {{"--epochs=0"}, "--epochs must be 1 to 100000, not 0"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct settings settings;
		struct error error = {""};
		assert_int_equal(settings_read(&settings, cases[i].flags, &error), -EINVAL);
		if (strncmp(error.text, cases[i].message, strlen(cases[i].message)) != 0)
			fail_msg("%s", error.text);
		settings_finish(&settings);
	}
}

static void the_agent_hands_down_fold_and_seed(void **state)
{
	(void)state;
	const char *flags[] = {"--seed=9", NULL};
	struct settings settings;
	setenv("KRE_SEED", "5", 1);
	setenv("KRE_FOLDS", "4", 1);
	setenv("KRE_FOLD", "3", 1);
	assert_int_equal(settings_read(&settings, flags, NULL), 0);
	assert_int_equal(settings.folds, 4);
	assert_int_equal(settings.fold, 3);
	assert_int_equal(settings.seed, 9);
	settings_finish(&settings);
	assert_int_equal(settings_read(&settings, flags + 1, NULL), 0);
	assert_int_equal(settings.seed, 5);
	settings_finish(&settings);
	unsetenv("KRE_SEED");
	unsetenv("KRE_FOLDS");
	unsetenv("KRE_FOLD");
}

static void help_names_every_flag_with_its_default(void **state)
{
	(void)state;
	struct text help = TEXT_NULL;
	settings_help(&help);
	for (size_t i = 0; i < model_linear.option_count; i++) {
		struct text entry = TEXT_NULL;
		text_printf(&entry, "\n  --%s=", model_linear.options[i].name);
		assert_non_null(strstr(help.data, text_string(&entry)));
		text_finish(&entry);
	}
	assert_non_null(strstr(help.data, "[1e-05]"));
	text_finish(&help);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_training_that_gets_no_better_ends_when_patience_does),
	        cmocka_unit_test(a_neural_model_learns_the_corpus_and_predicts_the_same_from_its_file),
	        cmocka_unit_test(every_epoch_is_a_line_and_the_last_line_is_final),
	        cmocka_unit_test(the_same_flags_give_the_same_reports),
	        cmocka_unit_test(a_kept_model_predicts_as_the_one_just_trained),
	        cmocka_unit_test(a_kept_model_keeps_its_lexicon_and_forgets_an_older_one),
	        cmocka_unit_test(a_bad_line_of_a_lexicon_is_named_with_its_file),
	        cmocka_unit_test(a_loss_that_is_no_number_ends_the_run_with_the_epoch_named),
	        cmocka_unit_test(wrong_flags_are_told_in_one_sentence),
	        cmocka_unit_test(the_agent_hands_down_fold_and_seed),
	        cmocka_unit_test(help_names_every_flag_with_its_default),
	};
	return cmocka_run_group_tests(tests, prepare, clean_up);
}
