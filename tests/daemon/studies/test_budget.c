/* What trials cost, and when a budget is used up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/studies/table_view.h"
#include "tests/daemon/studies/fixture.h"

static int setup(void **state)
{
	static struct fixture fixture;
	fixture_init(&fixture);
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	fixture_finish(*state);
	return 0;
}

/* A value below 0.1 stops a trial. */
static void add_study(struct fixture *fixture, const char *budget, int folds)
{
	char more[200];
	snprintf(more, sizeof more,
	        ", \"budget\": {%s}, \"folds\": %d, \"pruner\": {\"name\": \"threshold\", \"lower\": 0.1}", budget,
	        folds);
	fixture_add(fixture, "s", more);
}

static double used(struct fixture *fixture, const char *name)
{
	const struct study_summary study = fixture_study(fixture, "s");
	for (size_t i = 0; i < study.headline.budget.count; i++)
		if (strcmp(study.headline.budget.items[i].name, name) == 0)
			return study.headline.budget.items[i].used;
	fail_msg("the budget has no limit of %s", name);
	return 0;
}

/* By what is said of each trial. */
static double sum_of_costs(struct fixture *fixture)
{
	const struct study_summary study = fixture_study(fixture, "s");
	double sum = 0;
	int64_t count = 0;
	for (size_t state = 0; state < TRIAL_STATE_COUNT; state++)
		count += study.headline.counts[state];
	for (int64_t number = 0; number < count; number++) {
		const struct trial_cost *cost = fixture_trial(fixture, "s", number).cost;
		sum += cost ? cost->trials : 0;
	}
	return sum;
}

static void must_cost(struct fixture *fixture, double trials)
{
	for (int again = 0; again < 2; again++) {
		double cost = used(fixture, "trials"), sum = sum_of_costs(fixture);
		if (!(cost > trials - 1e-9 && cost < trials + 1e-9))
			fail_msg("%g trials were spent, not %g", cost, trials);
		if (!(sum > trials - 1e-9 && sum < trials + 1e-9))
			fail_msg("each says what it took: %g trials, not %g", sum, trials);
		fixture_restart(fixture);
	}
}

/* Asks for a run and reports so many steps, from the first; the last one is the value. */
static struct assignment run_for(struct fixture *fixture, int steps, double last)
{
	const char *stop;
	struct assignment work = fixture_ask(fixture, "s", "a", "");
	assert_null(work.retry_reason);
	for (int step = 1; step <= steps; step++)
		assert_int_equal(fixture_report(fixture, &work, step, step < steps ? 0.5 : last, &stop), 0);
	return work;
}

static void complete(struct fixture *fixture, int steps)
{
	struct assignment work = run_for(fixture, steps, 0.5);
	fixture_complete(fixture, &work, 0.5);
}

static enum trial_state end(struct fixture *fixture, const struct assignment *work, enum run_state state)
{
	enum trial_state trial;
	assert_int_equal(fixture_tell(fixture, work, state, 0.5, &trial), 0);
	return trial;
}

static void stop(struct fixture *fixture, int steps)
{
	struct assignment work = run_for(fixture, steps, 0);
	assert_int_equal(end(fixture, &work, RUN_PRUNED), TRIAL_PRUNED);
}

static void a_trial_that_is_stopped_costs_the_steps_that_it_ran(void **state)
{
	struct fixture *fixture = *state;
	add_study(fixture, "\"trials\": 5", 1);
	complete(fixture, 10);
	stop(fixture, 3);
	must_cost(fixture, 1.3);
	complete(fixture, 20); /* 15 on average now */
	must_cost(fixture, 2.2);
	stop(fixture, 18);
	must_cost(fixture, 3.2);
}

static void a_trial_that_is_stopped_after_one_fold_of_four_costs_a_quarter(void **state)
{
	struct fixture *fixture = *state;
	add_study(fixture, "\"trials\": 5, \"runs\": 20", 4);
	for (int fold = 0; fold < 4; fold++)
		complete(fixture, 2);
	complete(fixture, 1); /* its first fold ended early */
	stop(fixture, 1);
	assert_true(used(fixture, "runs") == 5.5);
	must_cost(fixture, 1.375);
}

static void while_no_trial_is_complete_each_fold_is_a_whole_one(void **state)
{
	struct fixture *fixture = *state;
	add_study(fixture, "\"trials\": 5", 2);
	stop(fixture, 1);
	must_cost(fixture, 0.5);
	complete(fixture, 4);
	complete(fixture, 4);
	must_cost(fixture, 1.125);
}

static void a_failed_trial_is_a_whole_one_and_a_run_without_a_report_one_step(void **state)
{
	struct fixture *fixture = *state;
	add_study(fixture, "\"trials\": 5, \"runs\": 9", 1);
	complete(fixture, 5);
	struct assignment work = run_for(fixture, 1, 0.5);
	assert_int_equal(end(fixture, &work, RUN_FAILED), TRIAL_FAILED);
	must_cost(fixture, 2);
	work = run_for(fixture, 0, 0);
	assert_int_equal(end(fixture, &work, RUN_PRUNED), TRIAL_PRUNED);
	must_cost(fixture, 2.2);
}

static void what_is_saved_goes_into_more_trials(void **state)
{
	struct fixture *fixture = *state;
	add_study(fixture, "\"trials\": 4", 1);
	complete(fixture, 10);
	int stopped = 0;
	for (; fixture_study(fixture, "s").headline.state == STUDY_RUNNING; stopped++)
		stop(fixture, 1);
	assert_int_equal(stopped, 30);
	must_cost(fixture, 4);
	assert_string_equal(fixture_study(fixture, "s").headline.reason, "budget");
}

static void trials_under_way_count_as_whole_ones_until_they_are_stopped(void **state)
{
	struct fixture *fixture = *state;
	const char *verdict;
	add_study(fixture, "\"trials\": 3", 1);
	complete(fixture, 4);
	struct assignment one = run_for(fixture, 1, 0.5), two = run_for(fixture, 1, 0.5);
	assert_string_equal(fixture_ask(fixture, "s", "a", "").retry_reason, "budget");
	assert_int_equal(fixture_report(fixture, &one, 2, 0, &verdict), 0);
	assert_string_equal(verdict, "pruned");
	struct assignment three = run_for(fixture, 1, 0.5); /* 1 + 0.5 + 1 under way */
	assert_string_equal(fixture_ask(fixture, "s", "a", "").retry_reason, "budget");
	fixture_complete(fixture, &one, 0.5); /* it did not care */
	must_cost(fixture, 1.5);
	fixture_complete(fixture, &two, 0.5);
	must_cost(fixture, 2.8); /* now 2.5 steps are a whole run */
	fixture_complete(fixture, &three, 0.5);
	assert_int_equal(fixture_study(fixture, "s").headline.state, STUDY_FINISHED);
}

static void the_limit_of_runs_ends_a_study_too(void **state)
{
	struct fixture *fixture = *state;
	add_study(fixture, "\"trials\": 9, \"runs\": 4", 2);
	for (int run = 0; run < 4; run++)
		complete(fixture, 1);
	assert_int_equal(fixture_study(fixture, "s").headline.state, STUDY_FINISHED);
	assert_string_equal(fixture_study(fixture, "s").headline.reason, "budget");
	assert_true(used(fixture, "runs") == 4);
	must_cost(fixture, 2);
}

static void a_lost_attempt_costs_nothing_and_what_it_repeats_counts_once(void **state)
{
	struct fixture *fixture = *state;
	add_study(fixture, "\"trials\": 5", 1);
	complete(fixture, 10);
	struct assignment work = run_for(fixture, 4, 0.5);
	assert_int_equal(end(fixture, &work, RUN_LOST), TRIAL_RUNNING);
	must_cost(fixture, 1);
	stop(fixture, 6); /* the second attempt, from its first step */
	must_cost(fixture, 1.6);
}

static void a_file_may_say_what_pruned_trials_count(void **state)
{
	static const char *const flags[] = {"true", "false"};
	struct fixture *fixture = *state;
	for (int i = 0; i < 2; i++) {
		char more[200], name[2] = {(char)('t' + i), '\0'};
		snprintf(more, sizeof more,
		        ", \"budget\": {\"trials\": 5, \"pruned_count\": %s}, \"pruner\": {\"name\": \"threshold\", "
		        "\"lower\": 0.1}",
		        flags[i]);
		fixture_add(fixture, name, more);
		struct assignment work = fixture_ask(fixture, name, "a", "");
		const char *verdict;
		fixture_complete(fixture, &work, 0.5);
		work = fixture_ask(fixture, name, "a", "");
		assert_int_equal(fixture_report(fixture, &work, 1, 0, &verdict), 0);
		assert_string_equal(verdict, "pruned");
		assert_true(fixture_study(fixture, name).headline.budget.items[0].used == (i == 0 ? 2 : 1));
	}
}

static void another_budget_holds_at_once(void **state)
{
	struct fixture *fixture = *state;
	bool created;
	const char *form = "{\"name\": \"s\", \"method\": \"random\", \"metric\": {\"name\": \"f1\"}, \"budget\": {%s},"
	                   " \"parameters\": {\"x\": {\"min\": 0.0, \"max\": 1.0}}}";
	static const struct {
		const char *budget, *reason;
	} rows[] = {{"\"trials\": 2", "finished"}, {"\"trials\": 2, \"runs\": 3", "finished"}, {"\"trials\": 3", NULL},
	        {"\"runs\": 3", "budget"}, {"\"trials\": 4, \"runs\": 4", NULL}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char json[300];
		snprintf(json, sizeof json, form, rows[i].budget);
		assert_int_equal(fixture_try_add(fixture, json, true, &created), 0);
		for (int more = i == 0 ? 2 : 0; more > 0; more--)
			complete(fixture, 0);
		struct assignment work = fixture_ask(fixture, "s", "a", "");
		if (rows[i].reason)
			assert_string_equal(work.retry_reason, rows[i].reason);
		else
			assert_null(work.retry_reason);
	}
}

static void what_other_programs_end_is_no_reason_to_forget_what_it_cost(void **state)
{
	struct fixture *fixture = *state;
	add_study(fixture, "\"trials\": 5", 1);
	complete(fixture, 4);
	struct assignment work = run_for(fixture, 2, 0.5);
	fixture_sql(fixture, "UPDATE trials SET state = 'PRUNED' WHERE number = 1");
	fixture_wait(fixture, 2000);
	must_cost(fixture, 1.5);
	end(fixture, &work, RUN_COMPLETE);
	must_cost(fixture, 1.5);
}

static void time_that_is_left_follows_from_what_trials_cost(void **state)
{
	struct fixture *fixture = *state;
	add_study(fixture, "\"trials\": 3", 1);
	assert_true(fixture_study(fixture, "s").eta_s != fixture_study(fixture, "s").eta_s); /* NAN */
	struct assignment work = run_for(fixture, 4, 0.5);
	fixture_wait(fixture, 20000);
	fixture_complete(fixture, &work, 0.5);
	assert_true(fixture_study(fixture, "s").eta_s == 40);
	work = run_for(fixture, 1, 0.5);
	fixture_wait(fixture, 5000);
	const char *verdict;
	assert_int_equal(fixture_report(fixture, &work, 2, 0, &verdict), 0);
	/* 25 seconds for 1.5 of 3 */
	assert_true(fixture_study(fixture, "s").eta_s == 25);
}

#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        SENTENCE(a_trial_that_is_stopped_costs_the_steps_that_it_ran),
	        SENTENCE(a_trial_that_is_stopped_after_one_fold_of_four_costs_a_quarter),
	        SENTENCE(while_no_trial_is_complete_each_fold_is_a_whole_one),
	        SENTENCE(a_failed_trial_is_a_whole_one_and_a_run_without_a_report_one_step),
	        SENTENCE(what_is_saved_goes_into_more_trials),
	        SENTENCE(trials_under_way_count_as_whole_ones_until_they_are_stopped),
	        SENTENCE(the_limit_of_runs_ends_a_study_too),
	        SENTENCE(a_lost_attempt_costs_nothing_and_what_it_repeats_counts_once),
	        SENTENCE(a_file_may_say_what_pruned_trials_count),
	        SENTENCE(another_budget_holds_at_once),
	        SENTENCE(what_other_programs_end_is_no_reason_to_forget_what_it_cost),
	        SENTENCE(time_that_is_left_follows_from_what_trials_cost),
	};
	return cmocka_run_group_tests_name("budget", tests, NULL, NULL);
}
