/* Lines, last words and limits: what the agent makes of the bytes a program leaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "schema/base/utf8.h"
#include "worker/agent/limits.h"
#include "worker/agent/line_reader.h"
#include "worker/agent/tail.h"

static void collect(void *context, const char *line)
{
	text_printf(context, "[%s]", line);
}

static void push(struct line_reader *reader, const char *bytes, struct text *seen)
{
	line_reader_push(reader, bytes, strlen(bytes), collect, seen);
}

static void a_half_line_waits_for_the_rest(void **state)
{
	(void)state;
	struct line_reader reader = {0};
	struct text seen = TEXT_NULL;
	push(&reader, "on", &seen);
	assert_string_equal(text_string(&seen), "");
	push(&reader, "e\ntwo\r\n\n10%\r20%", &seen);
	assert_string_equal(text_string(&seen), "[one][two][10%]");
	line_reader_flush(&reader, collect, &seen);
	line_reader_flush(&reader, collect, &seen);
	assert_string_equal(text_string(&seen), "[one][two][10%][20%]");
	text_finish(&seen);
	line_reader_finish(&reader);
}

static void an_endless_line_is_dropped_and_the_next_is_read(void **state)
{
	(void)state;
	struct line_reader reader = {0};
	struct text seen = TEXT_NULL;
	char block[4096];
	memset(block, 'x', sizeof block);
	for (size_t sent = 0; sent <= LINE_READER_MAX_BYTES; sent += sizeof block)
		line_reader_push(&reader, block, sizeof block, collect, &seen);
	push(&reader, "\nnext\n", &seen);
	assert_string_equal(text_string(&seen), "[next]");
	assert_int_equal(reader.dropped_count, 1);
	text_finish(&seen);
	line_reader_finish(&reader);
}

static void last_words_are_clean_text(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
	        {"", ""},
	        {"\n \n", ""},
	        {"no such file\n", "no such file"},
	        {"a\nb\r\n", "a\nb"},
	        {"\x1b[31mred\x07", "[31mred"},
	        {"\xea\xb0\x80\xea\xb0", "\xea\xb0\x80\xef\xbf\xbd\xef\xbf\xbd"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct tail tail = {0};
		char words[TAIL_TEXT_BYTES];
		tail_push(&tail, cases[i][0], strlen(cases[i][0]));
		tail_text(&tail, words);
		assert_string_equal(words, cases[i][1]);
	}
}

static void of_many_words_the_last_whole_lines_are_kept(void **state)
{
	(void)state;
	struct tail tail = {0};
	char words[TAIL_TEXT_BYTES];
	for (int i = 0; i < 1000; i++)
		tail_push(&tail, "\xed\x95\x9c\xea\xb8\x80 line\n", 12);
	tail_text(&tail, words);
	assert_true(utf8_valid(words, strlen(words)));
	assert_int_equal(strlen(words), TAIL_BYTES / 12 * 12 - 1);
	assert_memory_equal(words, "\xed\x95\x9c", 3);

	char block[3 * TAIL_BYTES];
	memset(block, 'y', sizeof block);
	tail_push(&tail, block, sizeof block);
	tail_text(&tail, words);
	assert_int_equal(strlen(words), TAIL_BYTES);
	assert_int_equal(strspn(words, "y"), TAIL_BYTES);
}

static void limits_that_make_no_sense_are_no_limits(void **state)
{
	(void)state;
	struct run_resources limits = limits_of(&(struct run_resources){-1, 0, 1.5});
	assert_int_equal(limits.threads, 0);
	assert_int_equal(limits.memory_mb, 0);
	assert_true(limits.minutes == 1.5);
	assert_false(limits_memory_ran_out(&limits, "MemoryError"));
	limits.memory_mb = 1;
	assert_true(limits_memory_ran_out(&limits, "Traceback\nMemoryError"));
	assert_false(limits_memory_ran_out(&limits, "KeyError"));
	limits = limits_of(&(struct run_resources){1000000, 1, (double)NAN});
	assert_int_equal(limits.threads, 4096);
	assert_true(limits.minutes == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_half_line_waits_for_the_rest),
	        cmocka_unit_test(an_endless_line_is_dropped_and_the_next_is_read),
	        cmocka_unit_test(last_words_are_clean_text),
	        cmocka_unit_test(of_many_words_the_last_whole_lines_are_kept),
	        cmocka_unit_test(limits_that_make_no_sense_are_no_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
