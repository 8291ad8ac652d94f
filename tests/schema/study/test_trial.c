#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <math.h>

#include "schema/study/study_spec.h"
#include "schema/study/trial.h"

static void names_and_states_are_one_to_one(void **state)
{
	(void)state;
	for (int i = 0; i < TRIAL_STATE_COUNT; i++) {
		enum trial_state back;
		assert_int_equal(trial_state_parse(&back, trial_state_name((enum trial_state)i)), 0);
		assert_int_equal(back, i);
	}
	for (int i = 0; i < RUN_STATE_COUNT; i++) {
		enum run_state back;
		assert_int_equal(run_state_parse(&back, run_state_name((enum run_state)i)), 0);
		assert_int_equal(back, i);
	}
	for (int i = 0; i < STUDY_STATE_COUNT; i++) {
		enum study_state back;
		assert_int_equal(study_state_parse(&back, study_state_name((enum study_state)i)), 0);
		assert_int_equal(back, i);
	}
	enum trial_state untouched = TRIAL_PRUNED;
	assert_int_equal(trial_state_parse(&untouched, "complete"), -EINVAL);
	assert_int_equal(untouched, TRIAL_PRUNED);
	assert_string_equal(trial_state_name(TRIAL_FAILED), "FAIL");
}

static void finished_trials_and_runs_never_change(void **state)
{
	(void)state;
	for (int from = 0; from < TRIAL_STATE_COUNT; from++)
		for (int to = 0; to < TRIAL_STATE_COUNT; to++)
			if (trial_state_is_finished((enum trial_state)from) &&
			        !(from == TRIAL_PRUNED && to == TRIAL_RUNNING))
				assert_false(trial_state_may_become((enum trial_state)from, (enum trial_state)to));
	for (int from = 0; from < RUN_STATE_COUNT; from++)
		for (int to = 0; to < RUN_STATE_COUNT; to++)
			if (run_state_is_finished((enum run_state)from))
				assert_false(run_state_may_become((enum run_state)from, (enum run_state)to));
	assert_true(trial_state_may_become(TRIAL_WAITING, TRIAL_RUNNING));
	assert_false(trial_state_may_become(TRIAL_WAITING, TRIAL_COMPLETE));
	assert_true(run_state_may_become(RUN_LEASED, RUN_LOST));
	assert_true(study_state_may_become(STUDY_PAUSED, STUDY_RUNNING));
}

static void nan_is_never_better(void **state)
{
	(void)state;
	struct objective least = {"loss", MINIMIZE, (double)NAN}, most = {"f1", MAXIMIZE, (double)NAN};
	assert_true(objective_better(&least, 1, 2));
	assert_true(objective_better(&most, 2, 1));
	assert_false(objective_better(&most, 1, 1));
	assert_false(objective_better(&most, (double)NAN, 1));
	assert_false(objective_better(&least, (double)NAN, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(names_and_states_are_one_to_one),
	        cmocka_unit_test(finished_trials_and_runs_never_change),
	        cmocka_unit_test(nan_is_never_better),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
