/* Lines in and out of a byte stream. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "schema/base/memory.h"
#include "schema/transport/frame.h"

static void must_push(struct frame_reader *reader, const char *bytes)
{
	assert_int_equal(frame_reader_push(reader, bytes, strlen(bytes)), 0);
}

static void must_next(struct frame_reader *reader, const char *expected)
{
	size_t length;
	char *line = frame_reader_next(reader, &length);
	if (!expected) {
		assert_null(line);
		return;
	}
	assert_non_null(line);
	assert_string_equal(line, expected);
	assert_int_equal(length, strlen(expected));
}

static void a_half_line_waits_for_the_rest(void **state)
{
	(void)state;
	struct frame_reader reader = FRAME_READER_NULL;
	must_push(&reader, "{\"a\":");
	must_next(&reader, NULL);
	must_push(&reader, "1}\n{\"b\"");
	must_next(&reader, "{\"a\":1}");
	must_next(&reader, NULL);
	must_push(&reader, ":2}\r\n");
	must_next(&reader, "{\"b\":2}");
	must_next(&reader, NULL);
	frame_reader_finish(&reader);
}

static void several_lines_come_out_one_by_one_and_empty_ones_not_at_all(void **state)
{
	(void)state;
	struct frame_reader reader = FRAME_READER_NULL;
	must_push(&reader, "one\n\n\r\ntwo\nthree\n");
	must_next(&reader, "one");
	must_next(&reader, "two");
	must_next(&reader, "three");
	must_next(&reader, NULL);
	frame_reader_finish(&reader);
}

static void bytes_that_come_one_at_a_time_make_the_same_lines(void **state)
{
	(void)state;
	struct frame_reader reader = FRAME_READER_NULL;
	const char *stream = "가나다\nlast\n";
	size_t lines = 0, length;
	for (const char *at = stream; *at; at++) {
		assert_int_equal(frame_reader_push(&reader, at, 1), 0);
		const char *line = frame_reader_next(&reader, &length);
		if (line)
			assert_string_equal(line, lines++ ? "last" : "가나다");
	}
	assert_int_equal(lines, 2);
	frame_reader_finish(&reader);
}

static void a_line_may_have_the_limit_and_not_a_byte_more(void **state)
{
	(void)state;
	struct frame_reader reader = FRAME_READER_NULL;
	char *line = memory_alloc(FRAME_MAX_BYTES + 1, 1);
	memset(line, 'x', FRAME_MAX_BYTES);
	assert_int_equal(frame_reader_push(&reader, line, FRAME_MAX_BYTES), 0);
	must_push(&reader, "\n");
	size_t length;
	assert_non_null(frame_reader_next(&reader, &length));
	assert_int_equal(length, FRAME_MAX_BYTES);
	assert_int_equal(frame_reader_push(&reader, line, FRAME_MAX_BYTES), 0);
	assert_int_equal(frame_reader_push(&reader, "x", 1), -EMSGSIZE);
	memory_free(line);
	frame_reader_finish(&reader);
}

static void out_of_memory_is_said_and_leaks_nothing(void **state)
{
	(void)state;
	struct frame_reader reader = FRAME_READER_NULL;
	memory_fault_after(1);
	assert_int_equal(frame_reader_push(&reader, "x", 1), -ENOMEM);
	memory_fault_after(0);
	must_push(&reader, "y\n");
	must_next(&reader, "y");
	frame_reader_finish(&reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_half_line_waits_for_the_rest),
	        cmocka_unit_test(several_lines_come_out_one_by_one_and_empty_ones_not_at_all),
	        cmocka_unit_test(bytes_that_come_one_at_a_time_make_the_same_lines),
	        cmocka_unit_test(a_line_may_have_the_limit_and_not_a_byte_more),
	        cmocka_unit_test(out_of_memory_is_said_and_leaks_nothing),
	};
	return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
