/* kre-train pretrain and train --init: sentences in, an encoder out, and models that begin with
 * it. */
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
#include "schema/base/sha256.h"
#include "worker/data/corpus.h"
#include "schema/base/file.h"
#include "worker/models/pretrained.h"
#include "worker/trainer/encoder_file.h"
#include "worker/trainer/initial_encoder.h"
#include "worker/trainer/pretraining.h"
#include "worker/trainer/pretraining_settings.h"
#include "worker/trainer/sentences.h"

/* A folder of the test's own with a small corpus and an encoder in it. */
struct fixture {
	char folder[64], data[96], text[96], reports[96], encoders[96];
	struct text encoder; /* its path */
	int fd;
};

#define SMALL                                                                                                          \
	"--width=16", "--heads=2", "--layers=1", "--inner-width=16", "--embedding-width=16", "--batch-size=16",        \
	        "--max-tokens=60"

static void write_text(const char *path, const char *bytes)
{
	assert_int_equal(file_write(path, bytes, strlen(bytes), NULL), 0);
}

/* Pretrains with the flags; the reports are at *out (memory_free). */
static int pretrain(
        char **out, struct text *path, const struct fixture *fixture, const char *const *flags, struct error *error)
{
	struct pretraining_settings settings;
	size_t length;
	assert_int_equal(ftruncate(fixture->fd, 0), 0);
	lseek(fixture->fd, 0, SEEK_SET);
	int rc = pretraining_read(&settings, flags, error);
	if (rc == 0)
		rc = pretraining_run(path, &settings, error);
	assert_int_equal(file_read(out, &length, fixture->reports, NULL), 0);
	return rc;
}

static int prepare(void **state)
{
	static struct fixture fixture;
	struct text text = TEXT_NULL;
	char number[16], *reports;
	strcpy(fixture.folder, "/tmp/kre-pretrain-test-XXXXXX");
	assert_non_null(mkdtemp(fixture.folder));
	snprintf(fixture.data, sizeof fixture.data, "%s/corpus.json", fixture.folder);
	snprintf(fixture.text, sizeof fixture.text, "%s/plain.txt", fixture.folder);
	snprintf(fixture.reports, sizeof fixture.reports, "%s/reports", fixture.folder);
	snprintf(fixture.encoders, sizeof fixture.encoders, "%s/encoders", fixture.folder);
	corpus_print(&text, &(struct corpus_options){120, 1, 0, 0});
	assert_int_equal(file_write(fixture.data, text.data, text.length, NULL), 0);
	text_finish(&text);
	fixture.fd = open(fixture.reports, O_RDWR | O_CREAT, 0600);
	assert_true(fixture.fd >= 0);
	snprintf(number, sizeof number, "%d", fixture.fd);
	assert_int_equal(setenv("KRE_REPORT_FD", number, 1), 0);
	const char *flags[] = {
	        "--data", fixture.data, "--out", fixture.encoders, "--epochs=1", "--marker=punct", SMALL, NULL};
	assert_int_equal(pretrain(&reports, &fixture.encoder, &fixture, flags, NULL), 0);
	memory_free(reports);
	*state = &fixture;
	return 0;
}

static int clean_up(void **state)
{
	struct fixture *fixture = *state;
	const char *const paths[] = {text_string(&fixture->encoder), fixture->data, fixture->text, fixture->reports,
	        fixture->encoders, fixture->folder};
	close(fixture->fd);
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		remove(paths[i]);
	text_finish(&fixture->encoder);
	return 0;
}

static double number_after(const char *text, const char *key)
{
	const char *at = strstr(text, key);
	if (!at)
		fail_msg("no %s in %s", key, text);
	return strtod(at + strlen(key), NULL);
}

static void guessing_generated_sentences_gets_better_epoch_by_epoch(void **state)
{
	struct fixture *fixture = *state;
	const char *flags[] = {
	        "--data", fixture->data, "--out", fixture->encoders, "--epochs=4", "--learning-rate=0.01", SMALL, NULL};
	struct text path = TEXT_NULL;
	char *reports;
	assert_int_equal(pretrain(&reports, &path, fixture, flags, NULL), 0);
	const double first = number_after(strstr(reports, "{\"step\":1,"), "\"loss\":"),
	             last = number_after(strstr(reports, "\n{\"step\":4,"), "\"loss\":");
	assert_true(last < first - 0.2);
	const char *final = strstr(reports, "\n{\"final\":true,\"epoch\":4,\"loss\":");
	assert_non_null(final);
	assert_true(number_after(final, "\"loss\":") == last);
	assert_true(number_after(final, "\"accuracy\":") > 0);
	assert_non_null(strstr(final, path.data));
	assert_int_equal(unlink(path.data), 0);
	text_finish(&path);
	memory_free(reports);
}

static void an_encoder_is_called_by_its_content(void **state)
{
	struct fixture *fixture = *state;
	char *bytes, digest[SHA256_HEX_BYTES], name[64];
	size_t length;
	assert_int_equal(file_read(&bytes, &length, fixture->encoder.data, NULL), 0);
	sha256_hex(digest, bytes, length);
	snprintf(name, sizeof name, "/encoders/transformer-%.16s.safetensors", digest);
	assert_non_null(strstr(fixture->encoder.data, name));
	memory_free(bytes);
}

static void a_damaged_encoder_is_refused(void **state)
{
	struct fixture *fixture = *state;
	char *bytes, *again = NULL, expected[200];
	size_t length;
	struct error error = {""};
	assert_int_equal(file_read(&bytes, &length, fixture->encoder.data, NULL), 0);
	bytes[length - 5] ^= 1; /* one bit of one weight */
	assert_int_equal(file_write(fixture->encoder.data, bytes, length, NULL), 0);
	assert_int_equal(encoder_file_read(&again, &length, fixture->encoder.data, &error), -EINVAL);
	snprintf(expected, sizeof expected, "%s is damaged: its content has the digest ", fixture->encoder.data);
	assert_memory_equal(error.text, expected, strlen(expected));
	bytes[length - 5] ^= 1;
	assert_int_equal(file_write(fixture->encoder.data, bytes, length, NULL), 0);
	assert_int_equal(encoder_file_read(&again, &length, fixture->encoder.data, &error), 0);
	memory_free(bytes);
	memory_free(again);
}

/* Reads the flags of a training and adopts what --init says. */
static int adopt(struct settings *settings, const char *const *flags, struct error *error)
{
	int rc = settings_read(settings, flags, error);
	return rc < 0 ? rc : initial_encoder_adopt(settings, flags, error);
}

static void flags_that_are_left_open_are_the_encoders(void **state)
{
	struct fixture *fixture = *state;
	struct settings settings;
	const char *flags[] = {
	        "--model=transformer", "--init", fixture->encoder.data, "--max-tokens=30", "--heads=2", NULL};
	assert_int_equal(adopt(&settings, flags, NULL), 0);
	const struct neural_options *options = settings.model_values;
	assert_int_equal(options->network.body.width, 16);
	assert_int_equal(options->network.body.layers, 1);
	assert_int_equal(options->network.embedding_width, 16);
	assert_string_equal(token_markers[options->tokens.marker], "punct");
	assert_int_equal(options->tokens.most, 30); /* free to differ */
	assert_true(settings.init_length > 1000);
	settings_finish(&settings);
	const char *mixed[] = {"--model=mix", "--init", fixture->encoder.data, "--marker=typed", NULL};
	assert_int_equal(adopt(&settings, mixed, NULL), 0);
	options = settings.model_values;
	assert_int_equal(options->body, 2);
	assert_string_equal(token_markers[options->tokens.marker], "typed");
	settings_finish(&settings);
}

static void without_an_encoder_nothing_changes(void **state)
{
	(void)state;
	static const char *const cases[][3] = {
	        {"--model=transformer", "--init=none"}, {"--model=transformer"}, {"--model=cnn"}, {"--model=linear"}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct settings settings;
		assert_int_equal(adopt(&settings, cases[i], NULL), 0);
		assert_null(settings.init);
		settings_finish(&settings);
	}
}

static void flags_that_do_not_fit_the_encoder_are_told_with_what_it_has(void **state)
{
	struct fixture *fixture = *state;
	static const struct {
		const char *flags[2], *message; /* %s: the encoder */
	} cases[] = {
	        {{"--model=transformer", "--width=32"}, "--width is 32, but %s was made with --width=16"},
	        {{"--model=transformer", "--unit=word"}, "--unit is word, but %s was made with --unit=syllable"},
	        {{"--model=transformer", "--inner-width=512"},
	                "--inner_width is 512, but %s was made with --inner_width=16"},
	        {{"--model=bilstm", "--epochs=1"}, "--model is bilstm, but %s was made with --model=transformer"},
	        {{"--model=mix", "--body=cnn"}, "--body is cnn, but %s was made with --body=transformer"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct settings settings;
		struct error error = {""};
		char expected[300];
		const char *flags[] = {cases[i].flags[0], cases[i].flags[1], "--init", fixture->encoder.data, NULL};
		snprintf(expected, sizeof expected, cases[i].message, fixture->encoder.data);
		assert_int_equal(adopt(&settings, flags, &error), -EINVAL);
		assert_string_equal(error.text, expected);
		settings_finish(&settings);
	}
}

static void a_file_that_is_no_encoder_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct settings settings;
	struct error error = {""};
	char expected[200];
	const char *flags[] = {"--model=transformer", "--init", fixture->data, NULL};
	assert_int_equal(adopt(&settings, flags, &error), -EINVAL);
	snprintf(expected, sizeof expected, "%s is no pretrained encoder", fixture->data);
	assert_string_equal(error.text, expected);
	settings_finish(&settings);
	flags[2] = "/nowhere/at-all.safetensors";
	assert_int_equal(adopt(&settings, flags, &error), -ENOENT);
	settings_finish(&settings);
}

static void lines_of_text_are_sentences_without_entities(void **state)
{
	struct fixture *fixture = *state;
	struct sentences sentences = SENTENCES_NULL;
	write_text(fixture->text, "\xEF\xBB\xBF첫 문장\r\n\n  \t\n둘째\nlast");
	assert_int_equal(sentences_add_text(&sentences, fixture->text, NULL), 0);
	assert_int_equal(sentences.count, 3);
	assert_memory_equal(sentences.rows[0].sentence, "첫 문장", 10);
	assert_null(sentences.rows[0].subject.type);
	assert_int_equal(sentences.rows[2].length_bytes, 4);
	assert_int_equal(sentences_add_data(&sentences, fixture->data, NULL), 0);
	assert_true(sentences.count > 100);
	assert_non_null(sentences.rows[3].subject.type);
	sentences_finish(&sentences);
	struct error error = {""};
	char expected[200];
	write_text(fixture->text, "good\nb\xFF"
	                          "d\n");
	assert_int_equal(sentences_add_text(&sentences, fixture->text, &error), -EINVAL);
	snprintf(expected, sizeof expected, "%s:2: this is not UTF-8", fixture->text);
	assert_string_equal(error.text, expected);
	sentences_finish(&sentences);
}

static void equal_sentences_are_held_out_together(void **state)
{
	struct fixture *fixture = *state;
	struct text text = TEXT_NULL;
	for (int i = 0; i < 400; i++)
		text_printf(&text, "sentence %d\n", i % 100);
	write_text(fixture->text, text.data);
	text_finish(&text);
	for (uint64_t seed = 1; seed < 5; seed++) {
		struct sentences sentences = SENTENCES_NULL;
		size_t held;
		assert_int_equal(sentences_add_text(&sentences, fixture->text, NULL), 0);
		assert_int_equal(sentences_hold_out(&held, &sentences, 0.05, seed), 0);
		assert_int_equal(held, 20);
		for (size_t i = 0; i < 400 - held; i++)
			for (size_t j = 400 - held; j < 400; j++) {
				const struct text_row *a = &sentences.rows[i], *b = &sentences.rows[j];
				assert_true(a->length_bytes != b->length_bytes ||
				            memcmp(a->sentence, b->sentence, a->length_bytes) != 0);
			}
		sentences_finish(&sentences);
	}
	struct sentences same = SENTENCES_NULL;
	size_t held;
	write_text(fixture->text, "same\nsame\n");
	assert_int_equal(sentences_add_text(&same, fixture->text, NULL), 0);
	assert_int_equal(sentences_hold_out(&held, &same, 0.5, 1), -EINVAL);
	sentences_finish(&same);
}

static void several_texts_are_one_and_training_goes_on_from_them(void **state)
{
	struct fixture *fixture = *state;
	struct text path = TEXT_NULL;
	char *reports, second[96];
	snprintf(second, sizeof second, "%s/second.txt", fixture->folder);
	write_text(fixture->text, "가나 다라\n마바 사아\n자차 카타\n파하 가나\n");
	write_text(second, "마바 카타\n가나 사아\n자차 다라\n파하 카타\n");
	const char *flags[] = {"--text", fixture->text, "--text", second, "--out", fixture->encoders, "--epochs=1",
	        "--token-min-count=1", "--model=bilstm", "--units=8", NULL};
	assert_int_equal(pretrain(&reports, &path, fixture, flags, NULL), 0);
	struct settings settings;
	const char *training[] = {"--model=bilstm", "--init", path.data, NULL};
	assert_int_equal(adopt(&settings, training, NULL), 0);
	struct pretrained pretrained;
	assert_int_equal(pretrained_read(&pretrained, settings.init, settings.init_length), 0);
	assert_true(pretrained.inventory.names.count > 14 + 40); /* syllables of both, and the marks of every type */
	pretrained_finish(&pretrained);
	settings_finish(&settings);
	unlink(path.data);
	unlink(second);
	text_finish(&path);
	memory_free(reports);
}

static void memory_that_ends_anywhere_is_told_and_nothing_leaks(void **state)
{
	struct fixture *fixture = *state;
	write_text(fixture->text, "가나 다라\n마바 사아\n자차 카타\n파하 가나\n");
	const char *flags[] = {"--text", fixture->text, "--out", fixture->encoders, "--epochs=1", SMALL, NULL};
	for (long nth = 1;; nth++) {
		struct pretraining_settings pretraining;
		struct settings settings = SETTINGS_NULL;
		struct text path = TEXT_NULL;
		assert_int_equal(pretraining_read(&pretraining, flags, NULL), 0);
		memory_fault_after(nth);
		int rc = pretraining_run(&path, &pretraining, NULL);
		const char *training[] = {"--model=transformer", "--init", text_string(&path), NULL};
		if (rc == 0)
			rc = adopt(&settings, training, NULL);
		const int happened = memory_fault_happened();
		memory_fault_after(0);
		unlink(text_string(&path));
		text_finish(&path);
		settings_finish(&settings);
		if (!happened)
			break;
		if (rc != -ENOMEM)
			fail_msg("allocation %ld fails with %d", nth, rc);
	}
}

static void wrong_flags_are_told_in_one_sentence(void **state)
{
	(void)state;
	static const struct {
		const char *flags[4];
		const char *message;
	} cases[] = {
	        {{"--out=x"}, "--text or --data is needed: what to pretrain on"},
	        {{"--text=x"}, "--out is needed: the folder to keep the encoder in"},
	        {{"--model=cnn", "--text=x", "--out=x"},
	                "--model: transformer, bilstm or encoder is expected, not 'cnn'"},
	        {{"--text=x", "--out=x", "--loss=focal"}, "there is no option --loss; --help lists them"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct pretraining_settings settings;
		struct error error = {""};
		assert_int_equal(pretraining_read(&settings, cases[i].flags, &error), -EINVAL);
		assert_string_equal(error.text, cases[i].message);
	}
}

static void the_agent_hands_down_file_seed_and_folder(void **state)
{
	(void)state;
	const char *none[] = {NULL}, *text[] = {"--text=t", "--seed=9", NULL};
	struct pretraining_settings settings;
	setenv("KRE_FILE_TRAIN", "train.json", 1);
	setenv("KRE_SEED", "5", 1);
	setenv("KRE_RUN_DIR", "/runs/1", 1);
	assert_int_equal(pretraining_read(&settings, none, NULL), 0);
	assert_string_equal(settings.data, "train.json");
	assert_string_equal(settings.out, "/runs/1");
	assert_int_equal(settings.seed, 5);
	assert_int_equal(pretraining_read(&settings, text, NULL), 0);
	assert_null(settings.data);
	assert_int_equal(settings.seed, 9);
	unsetenv("KRE_FILE_TRAIN");
	unsetenv("KRE_SEED");
	unsetenv("KRE_RUN_DIR");
}

static void help_names_every_flag(void **state)
{
	(void)state;
	struct text help = TEXT_NULL;
	pretraining_help(&help);
	for (const struct masked_kind *kind = masked_kinds; kind->name; kind++)
		for (size_t i = 0; i < kind->option_count; i++) {
			struct text entry = TEXT_NULL;
			text_printf(&entry, "\n  --%s=", kind->options[i].name);
			assert_non_null(strstr(help.data, text_string(&entry)));
			text_finish(&entry);
		}
	text_finish(&help);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(guessing_generated_sentences_gets_better_epoch_by_epoch),
	        cmocka_unit_test(an_encoder_is_called_by_its_content),
	        cmocka_unit_test(a_damaged_encoder_is_refused),
	        cmocka_unit_test(flags_that_are_left_open_are_the_encoders),
	        cmocka_unit_test(without_an_encoder_nothing_changes),
	        cmocka_unit_test(flags_that_do_not_fit_the_encoder_are_told_with_what_it_has),
	        cmocka_unit_test(a_file_that_is_no_encoder_is_refused),
	        cmocka_unit_test(lines_of_text_are_sentences_without_entities),
	        cmocka_unit_test(equal_sentences_are_held_out_together),
	        cmocka_unit_test(several_texts_are_one_and_training_goes_on_from_them),
	        cmocka_unit_test(memory_that_ends_anywhere_is_told_and_nothing_leaks),
	        cmocka_unit_test(wrong_flags_are_told_in_one_sentence),
	        cmocka_unit_test(the_agent_hands_down_file_seed_and_folder),
	        cmocka_unit_test(help_names_every_flag),
	};
	return cmocka_run_group_tests(tests, prepare, clean_up);
}
