#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <math.h>

#include "daemon/samplers/history.h"
#include "daemon/samplers/history_view.h"
#include "schema/base/memory.h"

struct fixture {
	struct space *space;
	struct objective objectives[2];
	struct history *history;
};

static int set_up(void **state)
{
	static struct fixture fixture;
	fixture.objectives[0] = (struct objective){"f1", MAXIMIZE, (double)NAN};
	fixture.objectives[1] = (struct objective){"loss", MINIMIZE, (double)NAN};
	assert_int_equal(space_create(&fixture.space), 0);
	space_add_float(fixture.space, "x", &(struct param_range){0, 1, 0, false});
	assert_int_equal(space_freeze(fixture.space, NULL), 0);
	assert_int_equal(history_create(&fixture.history, fixture.space, fixture.objectives, 2), 0);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	history_destroy(fixture->history);
	space_destroy(fixture->space);
	return 0;
}

static void start(struct history *history, int64_t number, double x)
{
	assert_int_equal(history_start(history, number, &x), 0);
}

static void trials_of_any_order_stand_in_number_order(void **state)
{
	const struct fixture *fixture = *state;
	struct history *history = fixture->history;
	start(history, 5, 0.5);
	start(history, 9, 0.9);
	uint64_t layout = history->layout;
	start(history, 7, 0.7);
	assert_true(history->layout > layout);
	for (size_t row = 0; row < 3; row++) {
		assert_int_equal(history->numbers[row], 5 + 2 * (int)row);
		assert_true(history_point(history, row)[0] == 0.1 * (double)history->numbers[row] ||
		            fabs(history_point(history, row)[0] - 0.1 * (double)history->numbers[row]) < 1e-12);
	}
	history_remove(history, 7);
	history_remove(history, 1234);
	assert_int_equal(history->count, 2);
	assert_int_equal(history->numbers[1], 9);
}

static void states_are_counted_through_every_move(void **state)
{
	const struct fixture *fixture = *state;
	struct history *history = fixture->history;
	double values[2] = {0.8, 1.5};
	for (int64_t number = 0; number < 4; number++)
		start(history, number, 0.5);
	assert_int_equal(history_count(history, TRIAL_RUNNING), 4);
	history_finish(history, 0, TRIAL_COMPLETE, values, 0);
	history_finish(history, 1, TRIAL_PRUNED, NULL, 0);
	history_finish(history, 2, TRIAL_FAILED, NULL, 0);
	history_finish(history, 99, TRIAL_FAILED, NULL, 0);
	history_remove(history, 3);
	assert_int_equal(history_count(history, TRIAL_RUNNING), 0);
	assert_int_equal(history_count(history, TRIAL_COMPLETE), 1);
	assert_int_equal(history_count(history, TRIAL_PRUNED), 1);
	assert_int_equal(history_count(history, TRIAL_FAILED), 1);
	assert_int_equal(history_told_count(history), 2);
	assert_true(history->losses[0] == -0.8 && history->losses[1] == 1.5);
}

static void the_largest_step_is_the_last_report(void **state)
{
	const struct fixture *fixture = *state;
	struct history *history = fixture->history;
	start(history, 0, 0.5);
	assert_int_equal(history->last_steps[0], -1);
	history_report(history, 0, 4, 0.4);
	history_report(history, 0, 2, 0.2);
	assert_int_equal(history->last_steps[0], 4);
	assert_true(history->last_losses[0] == -0.4);
}

static void an_estimate_is_kept_as_a_loss_until_the_trial_begins_anew(void **state)
{
	const struct fixture *fixture = *state;
	struct history *history = fixture->history;
	start(history, 4, 0.5);
	assert_true(isnan(history->estimates[0]) && history->variances[0] == 0);
	history_finish(history, 4, TRIAL_PRUNED, NULL, 0);
	history_estimate(history, 4, 0.6, 0.02);
	assert_true(history->estimates[0] == -0.6 && history->variances[0] == 0.02);
	start(history, 4, 0.5);
	assert_true(isnan(history->estimates[0]) && history->variances[0] == 0);
}

static void a_failed_trial_keeps_its_point(void **state)
{
	const struct fixture *fixture = *state;
	double x = 0.25, other = 0.75;
	start(fixture->history, 0, x);
	history_finish(fixture->history, 0, TRIAL_FAILED, NULL, 0);
	assert_true(history_has_point(fixture->history, &x));
	assert_false(history_has_point(fixture->history, &other));
}

static void running_out_of_memory_loses_no_trial(void **state)
{
	const struct fixture *fixture = *state;
	for (int64_t number = 0; number < 200; number++) {
		double x = 0.5;
		memory_fault_after(1);
		int failed = history_start(fixture->history, number, &x);
		memory_fault_after(0);
		if (failed)
			start(fixture->history, number, x);
	}
	assert_int_equal(fixture->history->count, 200);
}

/* Trials of two kinds of ends, and one that goes on. */
static void change_things(struct history *history)
{
	double values[2] = {0.7, 0.2};
	start(history, 3, 0.3);
	history_report(history, 2, 4, 0.6);
	history_report(history, 2, 3, 0.1);
	history_finish(history, 1, TRIAL_COMPLETE, values, 0.5);
	history_finish(history, 2, TRIAL_PRUNED, NULL, 0);
	history_estimate(history, 2, 0.65, 0.01);
	history_estimate(history, 77, 0.65, 0.01);
	history_remove(history, 0);
	start(history, 9, 0.9);
}

static void must_equal(const struct history *a, const struct history *b)
{
	assert_int_equal(a->count, b->count);
	for (size_t row = 0; row < a->count; row++) {
		assert_int_equal(a->numbers[row], b->numbers[row]);
		assert_int_equal(a->states[row], b->states[row]);
		assert_int_equal(a->last_steps[row], b->last_steps[row]);
		assert_true(a->points[row] == b->points[row]);
		assert_true(a->violations[row] == b->violations[row]);
		assert_memory_equal(&a->last_losses[row], &b->last_losses[row], sizeof(double));
		assert_memory_equal(&a->estimates[row], &b->estimates[row], sizeof(double));
		assert_memory_equal(&a->variances[row], &b->variances[row], sizeof(double));
		assert_memory_equal(&a->losses[2 * row], &b->losses[2 * row], 2 * sizeof(double));
	}
	assert_memory_equal(a->state_counts, b->state_counts, sizeof a->state_counts);
}

static void a_lent_history_keeps_still_and_catches_up_when_it_returns(void **state)
{
	const struct fixture *fixture = *state;
	struct history *lent = fixture->history, *other, *copy;
	assert_int_equal(history_create(&other, fixture->space, fixture->objectives, 2), 0);
	for (int64_t number = 0; number < 3; number++) {
		start(lent, number, 0.1 * (double)number);
		start(other, number, 0.1 * (double)number);
	}
	uint64_t layout = lent->layout;
	history_lend(lent);
	change_things(lent);
	assert_int_equal(lent->count, 3);
	assert_int_equal(lent->layout, layout);
	assert_int_equal(history_count(lent, TRIAL_RUNNING), 3);
	assert_int_equal(lent->last_steps[2], -1);
	change_things(other);
	assert_int_equal(history_copy(&copy, lent), 0);
	must_equal(copy, other); /* a copy has what was noted */
	assert_int_equal(history_return(lent), 0);
	must_equal(lent, other);
	start(lent, 20, 0.5); /* and is an ordinary one again */
	assert_int_equal(lent->count, 5);
	history_destroy(copy);
	history_destroy(other);
}

static void a_loan_without_memory_says_so_at_its_end(void **state)
{
	const struct fixture *fixture = *state;
	start(fixture->history, 1, 0.5);
	history_lend(fixture->history);
	memory_fault_after(1);
	history_report(fixture->history, 1, 0, 0.5);
	memory_fault_after(0);
	assert_int_equal(history_return(fixture->history), -ENOMEM);
	assert_int_equal(history_return(fixture->history), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(trials_of_any_order_stand_in_number_order, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(states_are_counted_through_every_move, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(the_largest_step_is_the_last_report, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(
	                an_estimate_is_kept_as_a_loss_until_the_trial_begins_anew, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(a_failed_trial_keeps_its_point, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(
	                a_lent_history_keeps_still_and_catches_up_when_it_returns, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(a_loan_without_memory_says_so_at_its_end, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(running_out_of_memory_loses_no_trial, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
