/* What a pretrained folder and the model on it make of memory that ends, and of what does not fit. */
#include <errno.h>

#include "tests/worker/models/encoder_sandbox.h"

#include "schema/base/memory.h"
#include "worker/models/encoder_folder.h"
#include "worker/models/model.h"
#include "worker/models/neural_options.h"

enum { ROWS = 6, CLASSES = 3 };

static struct text_row list[ROWS];
static const struct text_rows rows = {list, ROWS};

static void make_rows(void)
{
	static const char *const texts[CLASSES] = {"ann founded acme", "bob lives in rome", "cy leads a group"};
	for (int i = 0; i < ROWS; i++)
		list[i] = (struct text_row){
		        texts[i % CLASSES], strlen(texts[i % CLASSES]), {0, 2, "PER"}, {12, 16, "ORG"}, i % CLASSES};
}

static void set_options(struct neural_options *options, const char *const (*flags)[2])
{
	const struct option_group group = {"", model_encoder.options, model_encoder.option_count, options};
	memset(options, 0, sizeof *options);
	options_set_defaults(&group);
	for (; flags && (*flags)[0]; flags++)
		assert_int_equal(
		        option_set(&group, option_find(&group, (*flags)[0], strlen((*flags)[0])), (*flags)[1], NULL),
		        0);
}

/* Opens, makes, trains, saves, reads back and makes whole: 0 or what failed. */
static int live(const char *path, const struct neural_options *options)
{
	struct encoder_folder *folder = NULL;
	struct text saved = TEXT_NULL, whole = TEXT_NULL;
	void *model = NULL, *again = NULL;
	double loss;
	int rc = encoder_folder_open(&folder, path, &options->tokens, NULL);
	const struct model_setup setup = {.class = &model_encoder,
	        .options = options,
	        .class_count = CLASSES,
	        .epochs = 1,
	        .seed = 1,
	        .folder = folder};
	if (rc == 0)
		rc = model_encoder.create(&model, &setup, &rows, NULL);
	if (rc == 0)
		rc = model_encoder.train(&loss, model, NULL);
	if (rc == 0) {
		model_encoder.save(&saved, model);
		rc = saved.failed ? -ENOMEM : 0;
	}
	if (rc == 0)
		rc = model_encoder.load(&again, &setup, saved.data, saved.length);
	if (rc == 0)
		rc = model_encoder.export(&whole, again);
	model_encoder.destroy(model);
	model_encoder.destroy(again);
	text_finish(&saved);
	text_finish(&whole);
	encoder_folder_close(folder);
	return rc;
}

static void memory_that_ends_is_told_and_leaves_nothing_behind(void **state)
{
	(void)state;
	static const char *const flags[][2] = {
	        {"max_tokens", "40"}, {"marker", "added"}, {"freeze_layers", "2"}, {NULL, NULL}};
	struct encoder_sandbox sandbox;
	struct neural_options options;
	int happened = 1;
	encoder_sandbox_init(&sandbox);
	set_options(&options, flags);
	for (long nth = 1; happened; nth += nth < 200 ? 1 : 7) {
		memory_fault_after(nth);
		const int rc = live(sandbox.path, &options);
		happened = memory_fault_happened();
		memory_fault_after(0);
		if (rc != (happened ? -ENOMEM : 0))
			fail_msg("allocation %ld: %d", nth, rc);
	}
	encoder_sandbox_finish(&sandbox);
}

static void what_the_folder_cannot_give_is_said(void **state)
{
	(void)state;
	static const struct {
		const char *flags[2][2];
		const char *complaint; /* behind the folder's name */
	} cases[] = {
	        {{{"max_tokens", "41"}}, "--max_tokens is 41, but the encoder in %s knows 40 places"},
	        {{{"freeze_layers", "4"}}, "--freeze_layers is 4, but the encoder in %s has 3 layers"},
	};
	struct encoder_sandbox sandbox;
	encoder_sandbox_init(&sandbox);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		static const char *const fits[][2] = {{"max_tokens", "40"}, {NULL, NULL}};
		struct neural_options options;
		struct encoder_folder *folder = NULL;
		struct error error = {""};
		char expected[256];
		void *model = NULL;
		set_options(&options, fits);
		const struct option_group group = {"", model_encoder.options, model_encoder.option_count, &options};
		const char *const *flag = cases[i].flags[0];
		assert_int_equal(option_set(&group, option_find(&group, flag[0], strlen(flag[0])), flag[1], NULL), 0);
		assert_int_equal(encoder_folder_open(&folder, sandbox.path, &options.tokens, &error), 0);
		const struct model_setup setup = {&model_encoder, &options, CLASSES, 1, 1, .folder = folder};
		assert_int_equal(model_encoder.create(&model, &setup, &rows, &error), -EINVAL);
		snprintf(expected, sizeof expected, cases[i].complaint, sandbox.path);
		assert_string_equal(error.text, expected);
		encoder_folder_close(folder);
	}
	encoder_sandbox_finish(&sandbox);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(memory_that_ends_is_told_and_leaves_nothing_behind),
	        cmocka_unit_test(what_the_folder_cannot_give_is_said),
	};
	make_rows();
	return cmocka_run_group_tests_name("models", tests, NULL, NULL);
}
