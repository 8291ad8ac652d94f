#define _POSIX_C_SOURCE 200809L /* setenv */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "schema/base/home.h"

static void the_option_counts_before_the_environment_and_that_before_the_default(void **state)
{
	(void)state;
	setenv("KRE_HOME", "elsewhere", 1);
	assert_string_equal(home_folder("here"), "here");
	assert_string_equal(home_folder(NULL), "elsewhere");
	setenv("KRE_HOME", "", 1);
	assert_string_equal(home_folder(NULL), "kre-runs");
	unsetenv("KRE_HOME");
	assert_string_equal(home_folder(NULL), "kre-runs");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_option_counts_before_the_environment_and_that_before_the_default),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
