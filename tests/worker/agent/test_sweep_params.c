/* Parameters as PyYAML reads them: what was a number stays one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "schema/space/json_parse.h"
#include "worker/agent/sweep_params.h"

static void numbers_stay_numbers_and_texts_stay_texts(void **state)
{
	static const char *const cases[][2] = {
	        {"1e-05", "1.0e-05"},
	        {"1.5e-07", "1.5e-07"},
	        {"-2e+20", "-2.0e+20"},
	        {"3", "3"},
	        {"0.1", "0.1"},
	        {"true", "true"},
	        {"null", "null"},
	        {"\"1e-05\"", "\"1e-05\""},
	        {"\"a \\\" 1e-05\"", "\"a \\\" 1e-05\""},
	        {"[1e-05, \"NaN\", [2e-09]]", "[1.0e-05, \"NaN\", [2.0e-09]]"},
	        {"{\"lr\": 1e-05, \"name\": \"한국어\"}", "{\"lr\": 1.0e-05, \"name\": \"한국어\"}"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char json[200], expected[200];
		struct error error;
		struct text yaml = TEXT_NULL;
		snprintf(json, sizeof json, "{\"x\": %s}", cases[i][0]);
		snprintf(expected, sizeof expected, "wandb_version: 1\n\"x\":\n  value: %s\n", cases[i][1]);
		cJSON *params = json_parse(json, strlen(json), &error);
		sweep_params_append(&yaml, params);
		assert_string_equal(text_string(&yaml), expected);
		text_finish(&yaml);
		cJSON_Delete(params);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(numbers_stay_numbers_and_texts_stay_texts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
