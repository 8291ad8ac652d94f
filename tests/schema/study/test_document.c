/* STUDY_FILE.md and the tables say the same, and its examples are study files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "schema/study/complaints.h"
#include "schema/study/study_file.h"
#include "tests/schema/study/place.h"
#include "tests/schema/study/rows.h"

static struct text document;

static int read_document(void **state)
{
	(void)state;
	char buffer[4096];
	size_t count;
	FILE *file = fopen(STUDY_FILE_MD, "rb");
	assert_non_null(file);
	while ((count = fread(buffer, 1, sizeof buffer, file)) > 0)
		text_append_bytes(&document, buffer, count);
	fclose(file);
	return 0;
}

static int forget_document(void **state)
{
	(void)state;
	text_finish(&document);
	return 0;
}

static void must_contain(struct text *row)
{
	if (!strstr(text_string(&document), text_string(row)))
		fail_msg("STUDY_FILE.md lacks:\n%s", text_string(row));
	text_clear(row);
}

static void must_describe(const struct key *keys)
{
	struct text row = TEXT_NULL;
	for (; keys->name; keys++) {
		row_append_key(keys, &row);
		must_contain(&row);
		if (keys->inner)
			must_describe(keys->inner);
	}
	text_finish(&row);
}

static void every_key_is_described_as_the_table_has_it(void **state)
{
	(void)state;
	must_describe(study_keys);
}

static void must_describe_methods(const struct method_info *table)
{
	struct text row = TEXT_NULL;
	for (; table->name; table++) {
		row_append_method(table, &row);
		must_contain(&row);
		for (const struct option *option = table->options; option->name; option++) {
			row_append_option(option, &row);
			must_contain(&row);
		}
	}
	text_finish(&row);
}

static void every_method_and_option_is_described(void **state)
{
	(void)state;
	must_describe_methods(sampler_infos);
	must_describe_methods(pruner_infos);
}

static void must_be_a_study(const char *yaml, size_t length)
{
	struct study_spec *spec = NULL;
	struct complaints complaints;
	struct error error;
	int rc = study_file_parse(
	        &spec, &(struct study_source){yaml, length, "example", "/data", "example"}, &complaints, &error);
	struct text said = TEXT_NULL;
	complaints_append_text(&complaints, &said);
	if (rc != 0)
		fail_msg("%.*s\n%s", (int)length, yaml, text_string(&said));
	text_finish(&said);
	complaints_finish(&complaints);
	study_spec_destroy(spec);
}

static void every_example_is_a_study_file(void **state)
{
	(void)state;
	int examples = 0;
	for (const char *at = strstr(text_string(&document), "```yaml\n"); at; at = strstr(at, "```yaml\n")) {
		at += strlen("```yaml\n");
		const char *end = strstr(at, "```");
		assert_non_null(end);
		must_be_a_study(at, (size_t)(end - at));
		examples++;
		at = end + 3;
	}
	assert_true(examples >= 5);
}

/* The example of a key stands in a file that has what else is needed. */
static void every_key_has_an_example_that_parses(void **state)
{
	(void)state;
	for (const struct key *key = study_keys; key->name; key++) {
		struct text yaml = TEXT_NULL;
		if (strcmp(key->name, "parameters") != 0)
			text_append(
			        &yaml, "parameters: {lr: {min: 0.0, max: 2.0}, optimizer: {values: [sgd, adam]}}\n");
		if (strcmp(key->name, "program") == 0)
			text_append(&yaml, "metric: {name: loss}\n");
		if (strcmp(key->name, "command") == 0)
			text_append(&yaml, "metric: {name: loss}\nprogram: train.py\n");
		text_printf(&yaml, "%s\n", key->example);
		must_be_a_study(text_string(&yaml), yaml.length);
		text_finish(&yaml);
	}
}

static void defaults_and_bounds_of_methods_agree(void **state)
{
	(void)state;
	for (const struct method_info *info = sampler_infos; info->name; info++) {
		for (const struct option *option = info->options; option->name; option++)
			if (option->fallback && option_check(option, option->fallback, NULL) < 0)
				fail_msg("%s.%s: the default is not what it may be", info->name, option->name);
	}
	assert_ptr_equal(method_info_find(sampler_infos, "bayes"), method_info_find(sampler_infos, "tpe"));
	assert_ptr_equal(method_info_find(pruner_infos, "asha"), method_info_find(pruner_infos, "successive_halving"));
	assert_null(method_info_find(sampler_infos, "magic"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_key_is_described_as_the_table_has_it),
	        cmocka_unit_test(every_method_and_option_is_described),
	        cmocka_unit_test(every_example_is_a_study_file),
	        cmocka_unit_test(every_key_has_an_example_that_parses),
	        cmocka_unit_test(defaults_and_bounds_of_methods_agree),
	};
	return cmocka_run_group_tests(tests, read_document, forget_document);
}
