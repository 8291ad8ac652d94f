#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "schema/study/report_pattern.h"

static void a_group_around_a_number_is_good(void **state)
{
	(void)state;
	static const char *const good[] = {"f1 = ([0-9.e+-]+)", "score: ([0-9.]+)", "^([^ ]+)$",
	        "acc[uracy]{0,6}=(.*)%?", "\\[eval\\] f1 ([0-9]+\\.[0-9]+)", "(-?[[:digit:]]+)|none", "[]^]x([0-9]+)",
	        "\\w+ \\s*([0-9.]+)", "F1 점수: ([0-9.]+)"};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		regex_t regex;
		assert_int_equal(report_pattern_check(good[i], NULL), 0);
		assert_int_equal(report_pattern_compile(&regex, good[i], NULL), 0);
		regfree(&regex);
	}
}

static void what_means_something_else_here_is_refused_with_what_to_write(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
	        {"f1=(\\d+)", "\\d is not known to POSIX expressions: write [0-9]"},
	        {"f1=([\\d.]+)", "a backslash in [] stands for itself: write [0-9] for digits"},
	        {"f1=(.*?)$", "a repetition is repeated (*?): POSIX expressions are never lazy"},
	        {"f1=(?:a)(.)", "(? … ) is not known to POSIX expressions"},
	        {"(acc|f1)=([0-9.]+)", "one group is expected, around the number; this expression has more"},
	        {"f1=[0-9.]+", "the expression needs a group for the number"},
	        {"(a)\\1", "the back reference \\1 is not allowed"},
	        {"f1=(.", "a ( has no )"},
	        {"f1=.)", "a ) has no ("},
	        {"f1=([0-9", "[0-9 has no ]"},
	        {"*f1=(.)", "* has nothing to repeat"},
	        {"f1={(.)}", "a number is expected behind {"},
	        {"(.)\\", "nothing follows the last backslash"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct error error;
		assert_int_equal(report_pattern_check(cases[i][0], &error), -EINVAL);
		if (!strstr(error.text, cases[i][1]))
			fail_msg("'%s' does not say '%s'", error.text, cases[i][1]);
	}
}

static void what_would_cost_too_much_is_refused(void **state)
{
	(void)state;
	char brackets[REPORT_PATTERN_MAX_BYTES + 2];
	memset(brackets, '(', sizeof brackets - 1);
	brackets[sizeof brackets - 1] = '\0';
	assert_int_equal(report_pattern_check(brackets, NULL), -EINVAL);
	assert_int_equal(report_pattern_check("(a{1,32767})", NULL), -EINVAL);
	assert_int_equal(report_pattern_check("(a{1,99999999999999999999})", NULL), -EINVAL);
	assert_int_equal(report_pattern_check("(a{200}b{200}){6}", NULL), -EINVAL);
	assert_int_equal(report_pattern_check("(a{20}b{20}){6}", NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_group_around_a_number_is_good),
	        cmocka_unit_test(what_means_something_else_here_is_refused_with_what_to_write),
	        cmocka_unit_test(what_would_cost_too_much_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
