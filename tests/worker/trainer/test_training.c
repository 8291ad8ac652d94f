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
#include "schema/base/file.h"
#include "schema/base/option_line.h"
#include "worker/models/neural_options.h"
#include "worker/trainer/fingerprint.h"
#include "worker/trainer/frozen_place.h"
#include "worker/trainer/saved_model.h"
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

static void remove_model(const struct fixture *fixture)
{
	static const char *const names[] = {"/config.json", "/model.safetensors", "/vocabulary", ""};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char path[128];
		snprintf(path, sizeof path, "%s%s", fixture->model, names[i]);
		remove(path);
	}
}

static int clean_up(void **state)
{
	static const char *const names[] = {
	        "corpus.json", "reports", "submission.csv", "again.csv", "classes.csv", "confusion.csv", ""};
	const struct fixture *fixture = *state;
	close(fixture->fd);
	remove_model(fixture);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char path[128];
		snprintf(path, sizeof path, "%s/%s", fixture->folder, names[i]);
		remove(path);
	}
	return 0;
}

static int use(
        const struct settings *settings, const struct task *task, const struct trained *trained, struct error *error)
{
	const struct predictor predictor = {model_classes[settings->model], task->data.labels, trained->model};
	int rc = settings->save ? saved_model_write(settings->save, settings, task, trained, error) : 0;
	if (rc == 0 && settings->predict)
		rc = saved_model_predict_rows(&predictor, &task->unknown, settings->out, error);
	return rc;
}

/* Trains with the flags; the reports are at *out (memory_free). */
static int run(char **out, const struct fixture *fixture, const char *const *flags, struct error *error)
{
	struct settings settings;
	struct task task = {0};
	struct trained trained = {0};
	size_t length;
	assert_int_equal(ftruncate(fixture->fd, 0), 0);
	lseek(fixture->fd, 0, SEEK_SET);
	int rc = settings_read(&settings, flags, error);
	if (rc == 0)
		rc = task_init(&task, &settings, error);
	if (rc == 0)
		rc = training_run(&trained, &settings, &task, error);
	if (rc == 0)
		rc = use(&settings, &task, &trained, error);
	trained_finish(&trained, &settings);
	task_finish(&task);
	settings_finish(&settings);
	assert_int_equal(file_read(out, &length, fixture->reports, NULL), 0);
	return rc;
}

/* The model in the folder predicts the file. */
static int predict(const char *model, const char *in, const char *out, struct error *error)
{
	struct saved_model kept;
	int rc = saved_model_read(&kept, model, NULL, error);
	const struct predictor predictor = {model_classes[kept.config.settings.model], kept.config.labels, kept.model};
	if (rc == 0)
		rc = saved_model_predict(&predictor, in, out, error);
	saved_model_finish(&kept);
	return rc;
}

static double number_after(const char *text, const char *key)
{
	const char *at = strstr(text, key);
	if (!at)
		fail_msg("no %s in %s", key, text);
	return strtod(at + strlen(key), NULL);
}

/* The epoch of the reports with the greatest value of `key`, the earliest of equals; *count epochs
 * in all. */
static int best_epoch(const char *reports, const char *key, int *count)
{
	double best = -1;
	int epoch = 0;
	*count = 0;
	for (const char *at = strstr(reports, "{\"step\":"); at; at = strstr(at + 1, "{\"step\":")) {
		const double value = number_after(at, key);
		++*count;
		epoch = value > best ? *count : epoch;
		best = value > best ? value : best;
	}
	return epoch;
}

static void a_training_that_gets_no_better_by_the_chosen_metric_ends_when_patience_does(void **state)
{
	struct fixture *fixture = *state;
	static const struct {
		const char *flag, *key;
	} metrics[] = {{"--select=f1", "\"f1\":"}, {"--select=auprc", "\"auprc\":"}};
	for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++) {
		const char *flags[] = {"--data", fixture->data, "--epochs=60", "--patience=2", "--learning-rate=0.3",
		        metrics[i].flag, NULL};
		char *reports;
		int count;
		assert_int_equal(run(&reports, fixture, flags, NULL), 0);
		const char *final = strstr(reports, "\n{\"final\":true");
		const int best = best_epoch(reports, metrics[i].key, &count);
		assert_non_null(final);
		assert_true(best < 50);
		assert_int_equal((int)number_after(final, "\"epoch\":"), best);
		assert_int_equal(count, best + 2);
		memory_free(reports);
	}
}

static void the_last_epoch_counts_when_it_is_chosen_and_patience_has_no_say(void **state)
{
	struct fixture *fixture = *state;
	const char *flags[] = {
	        "--data", fixture->data, "--epochs=6", "--patience=1", "--learning-rate=0.3", "--select=last", NULL};
	char *reports;
	int count;
	assert_int_equal(run(&reports, fixture, flags, NULL), 0);
	best_epoch(reports, "\"f1\":", &count);
	assert_int_equal(count, 6);
	assert_int_equal((int)number_after(strstr(reports, "\n{\"final\":true"), "\"epoch\":"), 6);
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
	struct error error = {""};
	if (run(&reports, fixture, flags, &error) < 0)
		fail_msg("%s", error.text);
	const double f1 = number_after(strstr(reports, "\n{\"final\":true"), "\"f1\":");
	if (f1 < 0.7)
		fail_msg("f1 is %g", f1);
	snprintf(again, sizeof again, "%s/again.csv", fixture->folder);
	assert_int_equal(predict(fixture->model, fixture->data, again, &error), 0);
	assert_int_equal(file_read(&first, &lengths[0], fixture->out, NULL), 0);
	assert_int_equal(file_read(&second, &lengths[1], again, NULL), 0);
	assert_int_equal(lengths[0], lengths[1]);
	assert_memory_equal(first, second, lengths[0]);
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
	snprintf(again, sizeof again, "%s/again.csv", fixture->folder);
	if (predict(fixture->model, fixture->data, again, &error) < 0)
		fail_msg("%s", error.text);
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
	struct saved_model kept;
	char again[128], *first, *second;
	size_t lengths[2];
	snprintf(again, sizeof again, "%s/again.csv", fixture->folder);
	assert_int_equal(saved_model_read(&kept, fixture->model, NULL, NULL), 0);
	const struct predictor predictor = {model_classes[kept.config.settings.model], kept.config.labels, kept.model};
	assert_int_equal(saved_model_predict(&predictor, fixture->data, again, NULL), 0);
	saved_model_finish(&kept);
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

/* Trains once, then keeps the model again and again while the nth allocation fails; then reads it
 * back likewise. */
static void memory_that_ends_while_a_model_is_kept_or_read_is_told_and_leaves_nothing_behind(void **state)
{
	struct fixture *fixture = *state;
	const char *flags[] = {"--data", fixture->data, "--epochs=1", "--char_max=0", "--word_max=1", NULL};
	struct settings settings;
	struct task task;
	struct trained trained;
	assert_int_equal(settings_read(&settings, flags, NULL), 0);
	assert_int_equal(task_init(&task, &settings, NULL), 0);
	assert_int_equal(training_run(&trained, &settings, &task, NULL), 0);
	remove_model(fixture);
	for (int reading = 0; reading < 2; reading++)
		for (long nth = 1, happened = 1; happened; nth++) {
			struct saved_model kept = {0};
			struct error error = {""};
			memory_fault_after(nth);
			const int rc = reading ? saved_model_read(&kept, fixture->model, NULL, &error)
			                       : saved_model_write(fixture->model, &settings, &task, &trained, &error);
			happened = memory_fault_happened();
			memory_fault_after(0);
			assert_int_equal(rc, happened ? -ENOMEM : 0);
			assert_int_equal(access(fixture->model, F_OK), reading || !happened ? 0 : -1);
			saved_model_finish(&kept);
		}
	trained_finish(&trained, &settings);
	task_finish(&task);
	settings_finish(&settings);
}

static void a_loss_that_is_no_number_ends_the_run_with_epoch_and_step_named(void **state)
{
	struct fixture *fixture = *state;
	const char *flags[] = {"--data", fixture->data, "--loss=squared_hinge", "--optimizer=sgd",
	        "--learning_rate=1000", "--schedule=constant", NULL};
	struct error error = {""};
	char *reports;
	assert_int_equal(run(&reports, fixture, flags, &error), -EDOM);
	size_t step = 0;
	assert_int_equal(sscanf(error.text, "epoch 1: the loss is no number any more at step %zu", &step), 1);
	assert_true(step >= 1 && step <= 480); /* a row is a step */
	assert_null(strstr(reports, "final"));
	memory_free(reports);
}

static void what_is_kept_of_frozen_layers_is_known_by_the_numbers_of_the_code(void **state)
{
	(void)state;
	struct encoder_folder folder = {0};
	struct neural_options options = {.cache = "/nowhere", .cache_gb = 1};
	const struct settings settings = {.folder = &folder, .model_values = &options};
	struct frozen_place place;
	assert_int_equal(frozen_place_init(&place, &settings), 0);
	assert_non_null(strstr(frozen_place_cache(&place)->program, " numbers " NETWORK_NUMBERS " "));
	frozen_place_finish(&place);
}

static void wrong_flags_are_told_in_one_sentence(void **state)
{
	static const struct {
		const char *flags[4];
		const char *message;
	} cases[] = {
	        {{"--nothing=1"}, "there is no option --nothing; --help lists them"},
	        {{"data"}, "'data' is not an option; --help lists them"},
	        {{"--data"}, "--data needs a value"},
	        {{"--folds=3", "--fold=3"}, "--fold must be below --folds (3)"},
	        {{"--valid=x", "--folds=3"}, "--valid and --folds exclude each other: folds are parts of --data"},
	        {{"--predict=x"}, "--predict and --out go together"},
	        {{"--select=auprc", "--auprc_absent=nan"},
	                "--select=auprc and --auprc_absent=nan exclude each other: nothing is better than no number"},
	        {{"--model=cart"}, "--model: linear, "},
	        {{"--model=linear", "--filters=9"},
	                "there is no option --filters; it is an option of cnn, mix; the model is linear"},
	        {{"--epochz=9"}, "there is no option --epochz; did you mean --epochs?"},
	        {{"--epochs=0"}, "--epochs: 0 is outside 1 to 100000"},
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
	setenv("KRE_SEED", "9007199254740991", 1); /* the largest that a daemon draws */
	assert_int_equal(settings_read(&settings, flags + 1, NULL), 0);
	assert_int_equal(settings.seed, 9007199254740991);
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

static void no_model_has_a_flag_twice_or_one_of_the_trainers(void **state)
{
	(void)state;
	struct settings settings = SETTINGS_NULL;
	const struct option_group own = settings_group(&settings);
	for (size_t m = 0; model_classes[m]; m++) {
		const struct model_class *class = model_classes[m];
		const struct option_group group = {"", class->options, class->option_count, NULL};
		for (size_t i = 0; i < class->option_count; i++) {
			const char *name = class->options[i].name;
			if (option_find(&own, name, strlen(name)) ||
			        option_find(&group, name, strlen(name)) != &class->options[i])
				fail_msg("%s: --%s is there twice", class->name, name);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_training_that_gets_no_better_by_the_chosen_metric_ends_when_patience_does),
	        cmocka_unit_test(the_last_epoch_counts_when_it_is_chosen_and_patience_has_no_say),
	        cmocka_unit_test(a_neural_model_learns_the_corpus_and_predicts_the_same_from_its_file),
	        cmocka_unit_test(every_epoch_is_a_line_and_the_last_line_is_final),
	        cmocka_unit_test(the_same_flags_give_the_same_reports),
	        cmocka_unit_test(a_kept_model_predicts_as_the_one_just_trained),
	        cmocka_unit_test(a_kept_model_keeps_its_lexicon_and_forgets_an_older_one),
	        cmocka_unit_test(a_bad_line_of_a_lexicon_is_named_with_its_file),
	        cmocka_unit_test(memory_that_ends_while_a_model_is_kept_or_read_is_told_and_leaves_nothing_behind),
	        cmocka_unit_test(a_loss_that_is_no_number_ends_the_run_with_epoch_and_step_named),
	        cmocka_unit_test(what_is_kept_of_frozen_layers_is_known_by_the_numbers_of_the_code),
	        cmocka_unit_test(wrong_flags_are_told_in_one_sentence),
	        cmocka_unit_test(the_agent_hands_down_fold_and_seed),
	        cmocka_unit_test(help_names_every_flag_with_its_default),
	        cmocka_unit_test(no_model_has_a_flag_twice_or_one_of_the_trainers),
	};
	return cmocka_run_group_tests(tests, prepare, clean_up);
}
