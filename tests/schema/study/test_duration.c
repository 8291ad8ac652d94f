/* Lengths of time as people write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "schema/study/duration.h"

static void numbers_with_units_add_up(void **state)
{
	static const struct {
		const char *text;
		double seconds;
	} rows[] = {{"90m", 5400}, {"1h 30m", 5400}, {"1h30m", 5400}, {"2 days", 172800}, {"0.5 h", 1800},
	        {" 45s ", 45}, {"1d 1h 1min 1sec", 90061}, {"1 hour 1 second", 3601}, {"0s", 0}};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		double seconds = -1;
		assert_true(duration_parse(&seconds, rows[i].text));
		assert_true(seconds == rows[i].seconds);
	}
}

static void all_else_is_refused(void **state)
{
	static const char *const texts[] = {"", " ", "h", "12", "12 parsecs", "1:30", "-1h", "1h 30", "1.2.3h",
	        "1h, 30m", "1H", "infh", "1e3s", "11111111111111111111111111111111111111h"};
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		double seconds = -1;
		assert_false(duration_parse(&seconds, texts[i]));
		assert_true(seconds == -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(numbers_with_units_add_up),
	        cmocka_unit_test(all_else_is_refused),
	};
	return cmocka_run_group_tests_name("duration", tests, NULL, NULL);
}
