#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cli/terminal/progress_line.h"

/* Work that says where it is, again and again. */
struct work {
	int steps;
	int64_t step_ms;
	bool terminal;
};

static void do_it(const struct work *work, struct output *output)
{
	struct fake_clock clock;
	struct progress_line progress;
	fake_clock_init(&clock);
	progress_line_init(&progress, output, &clock.clock);
	progress.terminal = work->terminal;
	for (int i = 0; i < work->steps; i++) {
		progress_line_say(&progress, "%d", i);
		fake_clock_advance(&clock, work->step_ms);
	}
	progress_line_wipe(&progress);
	progress_line_wipe(&progress);
}

static void must_say(struct output output, const struct work *work, const char *expected)
{
	FILE *file = tmpfile();
	output.remarks = output.results = file;
	do_it(work, &output);
	size_t length = (size_t)ftell(file);
	char *bytes = calloc(length + 1, 1);
	rewind(file);
	assert_int_equal(fread(bytes, 1, length, file), length);
	assert_string_equal(bytes, expected);
	free(bytes);
	fclose(file);
}

static void short_work_says_nothing_and_long_work_now_and_then(void **state)
{
	(void)state;
	const struct work lines = {31, 1000, false}, drawn = {15, 100, true};
	must_say((struct output){0}, &lines, "1\n11\n21\n");
	must_say((struct output){0}, &drawn, "\r\033[K10\r\033[K12\r\033[K14\r\033[K");
	must_say((struct output){.quiet = true}, &lines, "");
	must_say((struct output){.json = true}, &drawn, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(short_work_says_nothing_and_long_work_now_and_then)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
