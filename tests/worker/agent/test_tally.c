/* When a worker has done enough, and when something is wrong with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "worker/agent/tally.h"

static void a_limit_is_reached_by_runs_that_came(void **state)
{
	struct tally tally = {0};
	(void)state;
	assert_false(tally_has_reached(&tally, 1));
	tally_start(&tally, 10);
	assert_true(tally_has_reached(&tally, 1));
	assert_false(tally_has_reached(&tally, 2));
	assert_false(tally_has_reached(&tally, 0)); /* no limit */
}

static struct tally tally_of(const enum slot_outcome *outcomes, size_t count)
{
	struct tally tally = {0};
	for (size_t i = 0; i < count; i++) {
		tally_start(&tally, 1000 * i);
		tally_end(&tally, outcomes[i]);
	}
	return tally;
}

static void three_failures_at_once_are_flapping(void **state)
{
	static const struct {
		enum slot_outcome outcomes[4];
		size_t count;
		uint64_t now_ms;
		bool flapping;
	} cases[] = {
	        {{OUTCOME_FAILED, OUTCOME_FAILED}, 2, 3000, false},
	        {{OUTCOME_FAILED, OUTCOME_FAILED, OUTCOME_FAILED}, 3, 3000, true},
	        {{OUTCOME_FAILED, OUTCOME_FAILED, OUTCOME_FAILED}, 3, 60000, false},
	        {{OUTCOME_COMPLETE, OUTCOME_FAILED, OUTCOME_FAILED, OUTCOME_FAILED}, 4, 4000, false},
	        {{OUTCOME_FAILED, OUTCOME_STOPPED, OUTCOME_FAILED, OUTCOME_FAILED}, 4, 4000, false},
	        {{OUTCOME_KILLED, OUTCOME_KILLED, OUTCOME_KILLED}, 3, 3000, false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct tally tally = tally_of(cases[i].outcomes, cases[i].count);
		assert_int_equal(tally_is_flapping(&tally, cases[i].now_ms), cases[i].flapping);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_limit_is_reached_by_runs_that_came),
	        cmocka_unit_test(three_failures_at_once_are_flapping),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
