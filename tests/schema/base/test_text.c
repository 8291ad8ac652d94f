#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "schema/base/error.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "schema/base/utf8.h"

static void text_grows_and_is_taken_over(void **state)
{
	(void)state;
	struct text text = TEXT_NULL;
	assert_string_equal(text_string(&text), "");
	for (int i = 0; i < 1000; i++)
		text_printf(&text, "%d,", i % 10);
	assert_int_equal(text.length, 2000);
	char *own = text_take(&text);
	assert_int_equal(strlen(own), 2000);
	assert_null(text.data);
	memory_free(own);
}

static void a_failed_append_is_remembered(void **state)
{
	(void)state;
	struct text text = TEXT_NULL;
	text_append(&text, "kept");
	memory_fault_after(1);
	for (int i = 0; i < 100; i++)
		text_append(&text, "0123456789");
	memory_fault_after(0);
	assert_true(text.failed);
	assert_true(strncmp(text_string(&text), "kept", 4) == 0);
	assert_null(text_take(&text));
}

static void json_strings_are_escaped_as_python_does(void **state)
{
	(void)state;
	static const struct {
		const char *string, *ascii, *utf8;
	} cases[] = {
	        {"a\"b\\c\n\t\x01", "\"a\\\"b\\\\c\\n\\t\\u0001\"", "\"a\\\"b\\\\c\\n\\t\\u0001\""},
	        {"관계", "\"\\uad00\\uacc4\"", "\"관계\""},
	        {"😀", "\"\\ud83d\\ude00\"", "\"😀\""},
	        {"\xff", "\"\\ufffd\"", "\"\\ufffd\""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct text text = TEXT_NULL;
		text_json_string(&text, cases[i].string, true);
		assert_string_equal(text_string(&text), cases[i].ascii);
		text_clear(&text);
		text_json_string(&text, cases[i].string, false);
		assert_string_equal(text_string(&text), cases[i].utf8);
		text_finish(&text);
	}
}

static void utf8_is_decoded_strictly(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		uint32_t code;
		int length;
	} cases[] = {
	        {"A", 'A', 1},
	        {"é", 0xe9, 2},
	        {"한", 0xd55c, 3},
	        {"\xf0\x9f\x98\x80", 0x1f600, 4},
	        {"\xf4\x8f\xbf\xbf", 0x10ffff, 4},
	        {"\xc0\x80", 0xfffd, 1},
	        {"\xe0\x80\x80", 0xfffd, 1},
	        {"\xed\xa0\x80", 0xfffd, 1},
	        {"\xf4\x90\x80\x80", 0xfffd, 1},
	        {"\xed\x95", 0xfffd, 1},
	        {"\x80", 0xfffd, 1},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *at = cases[i].bytes, *end = at + strlen(at);
		assert_int_equal(utf8_next(&at, end), cases[i].code);
		assert_int_equal(at - cases[i].bytes, cases[i].length);
		bool well_formed = cases[i].code != 0xfffd;
		assert_int_equal(utf8_valid(cases[i].bytes, strlen(cases[i].bytes)), well_formed);
	}
	assert_true(utf8_valid("\xef\xbf\xbd", 3));
}

static void every_code_point_survives_encoding(void **state)
{
	(void)state;
	for (uint32_t code = 1; code <= 0x10ffff; code++) {
		char bytes[4];
		if (code >= 0xd800 && code <= 0xdfff)
			continue;
		const char *at = bytes;
		size_t length = utf8_encode(code, bytes);
		assert_true(utf8_next(&at, bytes + length) == code && at == bytes + length);
	}
}

static void hangul_takes_two_columns(void **state)
{
	(void)state;
	assert_int_equal(utf8_count("관계 re"), 5);
	assert_int_equal(utf8_columns("관계 re"), 7);
	assert_int_equal(utf8_columns("e\xcc\x81"), 1);
	assert_int_equal(utf8_columns("ＡＢ"), 4);
	assert_int_equal(utf8_cut("관계", 6), 6);
	assert_int_equal(utf8_cut("관계", 5), 3);
	assert_int_equal(utf8_cut("관계", 2), 0);
}

static void a_long_sentence_is_cut_between_letters(void **state)
{
	(void)state;
	char long_text[ERROR_TEXT_BYTES * 2 + 1] = "";
	for (size_t i = 0; i + 3 < sizeof long_text; i += 3)
		memcpy(long_text + i, "한", 3);
	for (size_t shift = 0; shift < 3; shift++) {
		struct error error;
		assert_int_equal(error_set(&error, -5, "%.*s%s", (int)shift, "ab", long_text), -5);
		assert_true(utf8_valid(error.text, strlen(error.text)));
		assert_true(strlen(error.text) > ERROR_TEXT_BYTES - 5);
	}
	assert_int_equal(error_set(NULL, -1, "dropped"), -1);
	struct error error;
	error_set(&error, -1, "no such file");
	error_prefix(&error, -1, "a.yaml");
	assert_string_equal(error.text, "a.yaml: no such file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(text_grows_and_is_taken_over),
	        cmocka_unit_test(a_failed_append_is_remembered),
	        cmocka_unit_test(json_strings_are_escaped_as_python_does),
	        cmocka_unit_test(utf8_is_decoded_strictly),
	        cmocka_unit_test(every_code_point_survives_encoding),
	        cmocka_unit_test(hangul_takes_two_columns),
	        cmocka_unit_test(a_long_sentence_is_cut_between_letters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
