/* What a hello tells a worker. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "worker/agent/reach.h"

static void another_epoch_is_another_life_and_the_first_one_is_none(void **state)
{
	(void)state;
	static const struct {
		int64_t epoch;
		bool other;
	} hellos[] = {{1, false}, {1, false}, {2, true}, {2, false}, {1, true}, {5, true}, {5, false}};
	int64_t epoch = 0;
	for (size_t i = 0; i < sizeof hellos / sizeof *hellos; i++) {
		const struct hello_answer hello = {.epoch = hellos[i].epoch, .server_time = {0}};
		assert_int_equal(reach_is_another_life(&epoch, &hello), hellos[i].other);
		assert_int_equal(epoch, hellos[i].epoch);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(another_epoch_is_another_life_and_the_first_one_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
