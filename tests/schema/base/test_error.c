#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/error.h"

static int begin(struct error *error, int *line)
{
	*line = __LINE__ + 1;
	return error_set(error, -EIO, "sector %d is bad", 7);
}

static void must_have_begun_at(const struct error *error, int line)
{
	char expected[64];
	snprintf(expected, sizeof expected, "tests/schema/base/test_error.c:%d", line);
	assert_string_equal(error_place(error), expected);
}

static void an_error_knows_the_line_where_it_began(void **state)
{
	(void)state;
	struct error error = {""};
	int line;
	assert_string_equal(error_place(&error), "");
	assert_int_equal(begin(&error, &line), -EIO);
	assert_string_equal(error.text, "sector 7 is bad");
	must_have_begun_at(&error, line);
	assert_int_equal(error_no_memory(&error), -ENOMEM), line = __LINE__;
	assert_string_equal(error.text, "out of memory");
	must_have_begun_at(&error, line);
}

static void a_more_general_sentence_keeps_the_place(void **state)
{
	(void)state;
	struct error cause, error = {""};
	int line;
	begin(&cause, &line);
	assert_int_equal(error_fold(&error, -ESTALE, &cause, "the file: %s", cause.text), -ESTALE);
	assert_string_equal(error.text, "the file: sector 7 is bad");
	must_have_begun_at(&error, line);
	assert_int_equal(error_fold(&error, -EINVAL, &error, "no study: %s", error.text), -EINVAL);
	assert_string_equal(error.text, "no study: the file: sector 7 is bad");
	assert_int_equal(error_prefix(&error, -EIO, "start"), -EIO);
	assert_string_equal(error.text, "start: no study: the file: sector 7 is bad");
	must_have_begun_at(&error, line);
}

static void nobody_need_hear_of_an_error(void **state)
{
	(void)state;
	const struct error cause = {"why"};
	assert_int_equal(error_set(NULL, -EIO, "%s", "dropped"), -EIO);
	assert_int_equal(error_no_memory(NULL), -ENOMEM);
	assert_int_equal(error_fold(NULL, -EIO, &cause, "%s", "dropped"), -EIO);
	assert_int_equal(error_prefix(NULL, -EIO, "dropped"), -EIO);
}

static void a_long_sentence_is_cut_between_letters_when_folded_too(void **state)
{
	(void)state;
	struct error error = {""};
	char long_text[ERROR_TEXT_BYTES];
	memset(long_text, 'x', sizeof long_text - 1);
	long_text[sizeof long_text - 1] = '\0';
	memcpy(long_text + sizeof long_text - 4, "가", 3);
	error_set(&error, -EIO, "%s", long_text);
	assert_int_equal(strlen(error.text), ERROR_TEXT_BYTES - 1);
	error_prefix(&error, -EIO, "y");
	assert_int_equal(strlen(error.text), ERROR_TEXT_BYTES - 1);
	assert_int_equal(error.text[ERROR_TEXT_BYTES - 2], 'x');
	error_prefix(&error, -EIO, "");
	assert_int_equal(error.text[0], ':');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(an_error_knows_the_line_where_it_began),
	        cmocka_unit_test(a_more_general_sentence_keeps_the_place),
	        cmocka_unit_test(nobody_need_hear_of_an_error),
	        cmocka_unit_test(a_long_sentence_is_cut_between_letters_when_folded_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
