#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "schema/space/json.h"
#include "schema/space/json_parse.h"

typedef void appender(const cJSON *value, struct text *out);

static void append_ascii(const cJSON *value, struct text *out)
{
	json_append_python(value, true, out);
}

static void must_print(const char *json, appender *append, const char *expected)
{
	struct error error = {""};
	struct text text = TEXT_NULL;
	cJSON *value = json_parse(json, strlen(json), &error);
	assert_string_equal(error.text, "");
	append(value, &text);
	assert_string_equal(text_string(&text), expected);
	cJSON_Delete(value);
	text_finish(&text);
}

static void numbers_keep_their_spelling_in_json(void **state)
{
	(void)state;
	must_print("[1.0, 1, 1e-5, 0.30000000000000004, 9007199254740993]", json_append,
	        "[1.0,1,1e-5,0.30000000000000004,9007199254740993]");
	must_print("{\"b\" : [ ] , \"a\":{}}", json_append, "{\"b\":[],\"a\":{}}");
	must_print("[NaN, Infinity, -Infinity]", json_append, "[\"nan\",\"inf\",\"-inf\"]");
}

/* json.dumps and str of CPython 3.11. */
static void python_forms_are_pythons(void **state)
{
	(void)state;
	must_print("{\"lr\":1e-5,\"n\":[1,2.0,null],\"t\":true,\"k\":\"한\"}", append_ascii,
	        "{\"lr\": 1e-05, \"n\": [1, 2.0, null], \"t\": true, \"k\": \"\\ud55c\"}");
	must_print("{\"lr\":0.001,\"nadam\":{\"beta\":0.9}}", json_append_python_str,
	        "{'lr': 0.001, 'nadam': {'beta': 0.9}}");
	must_print("[true,null,\"it's\",\"a\\\"'b\\\\\\n\"]", json_append_python_str,
	        "[True, None, \"it's\", 'a\"\\'b\\\\\\n']");
	must_print("\"plain\"", json_append_python_str, "plain");
}

static void surrogate_pairs_become_code_points(void **state)
{
	(void)state;
	must_print("\"\\ud83d\\ude00\"", json_append, "\"😀\"");
	must_print("\"\\ud83d!\"", json_append, "\"\\ufffd!\"");
}

static void malformed_text_is_refused_with_its_place(void **state)
{
	(void)state;
	static const struct {
		const char *json, *sentence;
	} cases[] = {
	        {"", "JSON: expected a value at byte 0"},
	        {"{", "JSON: expected a key in quotes at byte 1"},
	        {"[1,]", "JSON: expected a value at byte 3"},
	        {"[1 2]", "JSON: expected ',' or ']' at byte 3"},
	        {"{\"a\" 1}", "JSON: expected ':' at byte 5"},
	        {"{\"a\":1,}", "JSON: expected a key in quotes at byte 7"},
	        {"01", "JSON: expected a number at byte 2"},
	        {"1.", "JSON: expected a number at byte 2"},
	        {"-", "JSON: expected a number at byte 1"},
	        {"+1", "JSON: expected a number at byte 2"},
	        {"\"a", "JSON: expected the closing quote of a string at byte 2"},
	        {"\"\\u0000\"", "JSON: expected an escape like \\n or \\u00e9 at byte 7"},
	        {"\"\n\"", "JSON: expected the closing quote of a string at byte 1"},
	        {"true false", "JSON: expected the end of the text at byte 5"},
	        {"\"\xff\"", "JSON is not valid UTF-8"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct error error = {""};
		assert_null(json_parse(cases[i].json, strlen(cases[i].json), &error));
		assert_string_equal(error.text, cases[i].sentence);
	}
	assert_null(json_parse("1\0", 2, NULL));
}

static cJSON *parse_some(const char *json)
{
	static const char *const texts[] = {"params", "spec", NULL};
	return json_parse_some(json, strlen(json), texts, NULL);
}

static void objects_under_some_keys_stay_text(void **state)
{
	(void)state;
	cJSON *message = parse_some(
	        "{\"params\":{\"a\":1},\"result\":{\"params\":{\"x\":1.0, \"}\":{\"b\":\"\\\"}\"}},\"spec\":7}}");
	assert_non_null(message);
	assert_true(cJSON_IsObject(cJSON_GetObjectItem(message, "params"))); /* of the outermost */
	const cJSON *result = cJSON_GetObjectItem(message, "result");
	const cJSON *params = cJSON_GetObjectItem(result, "params");
	assert_true(cJSON_IsRaw(params));
	assert_string_equal(params->valuestring, "{\"x\":1.0, \"}\":{\"b\":\"\\\"}\"}}");
	assert_true(cJSON_IsNumber(cJSON_GetObjectItem(result, "spec")));
	cJSON_Delete(message);
	assert_null(parse_some("{\"result\":{\"params\":{\"x\":1}"));
	assert_null(parse_some("{\"result\":{\"params\":{\"x\":\"}}"));
	assert_null(parse_some("{\"result\":{\"params\":{\"x\\"));
}

static void depth_ends_at_a_hundred(void **state)
{
	(void)state;
	char deep[203];
	memset(deep, '[', 100);
	memset(deep + 100, ']', 100);
	cJSON *value = json_parse(deep, 200, NULL);
	assert_non_null(value);
	cJSON_Delete(value);
	memset(deep, '[', 101);
	memset(deep + 101, ']', 101);
	assert_null(json_parse(deep, 202, NULL));
}

static void members_are_looked_up_with_a_default(void **state)
{
	(void)state;
	const char *json = "{\"s\":\"x\",\"d\":1.5,\"b\":true,\"w\":\"-inf\"}";
	cJSON *object = json_parse(json, strlen(json), NULL);
	assert_string_equal(json_string(object, "s", "?"), "x");
	assert_string_equal(json_string(object, "S", "?"), "?");
	assert_true(json_double(object, "d", 0) == 1.5);
	assert_true(json_double(object, "s", 4) == 4);
	assert_true(isinf(json_double(object, "w", 0)));
	assert_true(json_bool(object, "b", false));
	cJSON_Delete(object);
}

static void items_made_of_doubles_print_and_read_back(void **state)
{
	(void)state;
	static const double values[] = {0.1, 1e-5, 32, 1e300, 0.30000000000000004};
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		double back;
		cJSON *item = json_number(values[i]);
		assert_true(json_get_number(&back, item) && back == values[i]);
		cJSON_Delete(item);
	}
	cJSON *item = json_number((double)NAN);
	double back;
	assert_true(json_get_number(&back, item) && isnan(back));
	cJSON_Delete(item);
	assert_false(json_get_number(&back, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(numbers_keep_their_spelling_in_json),
	        cmocka_unit_test(python_forms_are_pythons),
	        cmocka_unit_test(surrogate_pairs_become_code_points),
	        cmocka_unit_test(malformed_text_is_refused_with_its_place),
	        cmocka_unit_test(objects_under_some_keys_stay_text),
	        cmocka_unit_test(depth_ends_at_a_hundred),
	        cmocka_unit_test(members_are_looked_up_with_a_default),
	        cmocka_unit_test(items_made_of_doubles_print_and_read_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
