/* Folds one by one: where the pruner weighs each, one runs first, and a stopped trial can be taken
 * up again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "daemon/studies/outcome.h"
#include "daemon/studies/study_table.h"
#include "daemon/studies/table_view.h"
#include "tests/daemon/studies/fixture.h"

#define AUTO ", \"folds\": 3, \"pruner\": \"auto\""

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

/* Noise of a hundredth that is the same every time. */
static double noisy(double value, int64_t number, int64_t fold)
{
	return value + 0.01 * sin((double)(7 * number + 3 * fold));
}

/* Ten complete trials between 0.6 and 0.7. */
static void warm_up(struct fixture *fixture)
{
	fixture_add(fixture, "s", AUTO);
	for (int run = 0; run < 30; run++) {
		struct assignment work = fixture_ask(fixture, "s", "a", "");
		fixture_complete(fixture, &work, noisy(0.6 + 0.01 * (double)work.number, work.number, work.fold));
	}
	assert_int_equal(fixture_study(fixture, "s").headline.counts[TRIAL_COMPLETE], 10);
}

static void one_fold_runs_first_and_each_trial_another_one(void **state)
{
	struct fixture *fixture = *state;
	warm_up(fixture);
	struct assignment a = fixture_ask(fixture, "s", "a", ""), b = fixture_ask(fixture, "s", "b", "");
	assert_int_equal(a.number, 10);
	assert_int_equal(a.fold, 1);
	assert_int_equal(b.number, 11);
	assert_int_equal(b.fold, 2);
	fixture_restart(fixture); /* what is held back stays so */
	struct assignment c = fixture_ask(fixture, "s", "c", "");
	assert_int_equal(c.number, 12);
	assert_int_equal(c.fold, 0);
	assert_int_equal(fixture_complete(fixture, &b, 0.68), TRIAL_RUNNING);
	struct assignment next = fixture_ask(fixture, "s", "b", ""); /* the other folds come before all else */
	assert_int_equal(next.number, 11);
	assert_int_equal(next.fold, 0);
	next = fixture_ask(fixture, "s", "d", "");
	assert_int_equal(next.number, 11);
	assert_int_equal(next.fold, 1);
	assert_int_equal(fixture_ask(fixture, "s", "e", "").number, 13);
}

static void folds_that_have_no_mean_fail_their_trial_and_nothing_else(void **state)
{
	struct fixture *fixture = *state;
	fixture_add(fixture, "s", ", \"folds\": 2");
	struct assignment high = fixture_ask(fixture, "s", "a", ""), low = fixture_ask(fixture, "s", "b", "");
	const char *stop;
	assert_int_equal(fixture_report(fixture, &high, 0, INFINITY, &stop), 0);
	assert_int_equal(fixture_report(fixture, &low, 0, -INFINITY, &stop), 0);
	assert_int_equal(fixture_complete(fixture, &high, INFINITY), TRIAL_RUNNING);
	assert_int_equal(fixture_complete(fixture, &low, -INFINITY), TRIAL_FAILED);
	assert_string_equal(fixture_trial(fixture, "s", 0).summary.reason, "the folds' values of f1 have no mean");
	fixture_restart(fixture);
	assert_int_equal(fixture_study(fixture, "s").headline.counts[TRIAL_FAILED], 1);
	assert_int_equal(fixture_ask(fixture, "s", "a", "").number, 1);
}

/* Stops one; its number. */
static int64_t stop_one(struct fixture *fixture)
{
	for (;;) { /* one in ten is run to its end all the same */
		struct assignment work = fixture_ask(fixture, "s", "a", "");
		if (fixture_complete(fixture, &work, 0.3) == TRIAL_PRUNED)
			return work.number;
	}
}

static void a_bad_first_fold_ends_the_trial_with_its_numbers(void **state)
{
	struct fixture *fixture = *state;
	warm_up(fixture);
	int64_t number = stop_one(fixture);
	struct trial_detail trial = fixture_trial(fixture, "s", number);
	assert_int_equal(trial.summary.state, TRIAL_PRUNED);
	assert_non_null(strstr(trial.summary.reason, "auto after 1 of 3 folds: worth 0.3"));
	assert_non_null(
	        strstr(trial.summary.reason, "is the bar, more than 2.2 standard errors worse; noise of a fold"));
	assert_true(fixture_query(fixture, "SELECT count(*) FROM kre_runs WHERE state = 'cancelled'") == 2);
	assert_true(fixture_ask(fixture, "s", "a", "").number > number);
}

static void a_queued_trial_is_run_to_its_end(void **state)
{
	struct fixture *fixture = *state;
	warm_up(fixture);
	double point[2] = {(double)NAN, (double)NAN};
	int64_t number;
	assert_int_equal(study_table_begin(fixture->table, &fixture->error), 0);
	assert_int_equal(study_table_enqueue(&number, fixture->table, "s", point, &fixture->error), 0);
	assert_int_equal(study_table_commit(fixture->table, &fixture->error), 0);
	for (int fold = 0; fold < 3; fold++) {
		struct assignment work = fixture_ask(fixture, "s", "a", "");
		assert_int_equal(work.number, 10);
		assert_int_equal(fixture_complete(fixture, &work, 0.1), fold < 2 ? TRIAL_RUNNING : TRIAL_COMPLETE);
	}
}

static void a_stopped_trial_is_resumed_by_the_folds_it_has_not_run(void **state)
{
	struct fixture *fixture = *state;
	warm_up(fixture);
	int64_t number = stop_one(fixture), runs = 0;
	assert_int_equal(fixture_resume_trial(fixture, "s", number, &runs), 0);
	assert_int_equal(runs, 2);
	assert_int_equal(fixture_trial(fixture, "s", number).summary.state, TRIAL_RUNNING);
	assert_true(fixture_query(fixture, "SELECT count(*) FROM trial_values WHERE trial_id ="
	                                   " (SELECT max(trial_id) FROM trials)") == 0);
	assert_int_equal(fixture_resume_trial(fixture, "s", number, &runs), STUDIES_NOT_RUNNING);
	struct assignment work = fixture_ask(fixture, "s", "a", "");
	assert_int_equal(work.number, number);
	fixture_restart(fixture);
	assert_int_equal(fixture_complete(fixture, &work, 0.2), TRIAL_RUNNING);
	work = fixture_ask(fixture, "s", "a", "");
	assert_int_equal(work.number, number);
	assert_int_equal(fixture_complete(fixture, &work, 0.4), TRIAL_COMPLETE);
	struct trial_detail trial = fixture_trial(fixture, "s", number);
	assert_true(fabs(trial.summary.values.items[0] - 0.3) < 1e-12);
	assert_string_equal(trial.summary.reason, "");
	fixture_restart(fixture);
	assert_int_equal(fixture_study(fixture, "s").headline.counts[TRIAL_RUNNING], 0);
	assert_int_equal(fixture_resume_trial(fixture, "s", number, &runs), STUDIES_NOT_RUNNING);
	assert_int_equal(fixture_resume_trial(fixture, "s", 9999, &runs), STUDIES_NOT_FOUND);
	assert_int_equal(fixture_resume_trial(fixture, "t", number, &runs), STUDIES_NOT_FOUND);
}

/* What was stopped and taken up again has lost nothing yet. */
static void a_resumed_fold_has_all_its_retries(void **state)
{
	struct fixture *fixture = *state;
	warm_up(fixture);
	int64_t number = stop_one(fixture), runs = 0;
	assert_int_equal(fixture_resume_trial(fixture, "s", number, &runs), 0);
	enum trial_state end = TRIAL_RUNNING;
	for (int loss = 0; loss < 3; loss++) {
		struct assignment work;
		do
			work = fixture_ask(fixture, "s", "a", "");
		while (work.number != number || work.fold != 0);
		assert_int_equal(end, TRIAL_RUNNING);
		assert_int_equal(fixture_tell(fixture, &work, RUN_LOST, (double)NAN, &end), 0);
	}
	assert_int_equal(end, TRIAL_FAILED);
	assert_non_null(strstr(fixture_trial(fixture, "s", number).summary.reason, "lost 3 times"));
}

/* One worker, median: trial by trial, fold 0 alone; and with three, all folds together. */
static void a_trial_is_judged_by_the_same_folds_of_others(void **state)
{
	struct fixture *fixture = *state;
	const char *stop;
	fixture_add(fixture, "s", ", \"folds\": 2, \"pruner\": {\"name\": \"median\", \"n_startup_trials\": 4}");
	for (int run = 0; run < 8; run++) { /* fold 0 is a hard one; both folds together are not */
		struct assignment work = fixture_ask(fixture, "s", "a", "");
		double value = work.fold == 0 ? 0.2 : 0.8;
		assert_int_equal(fixture_report(fixture, &work, 1, value, &stop), 0);
		fixture_complete(fixture, &work, value);
	}
	struct assignment a = fixture_ask(fixture, "s", "a", ""), b = fixture_ask(fixture, "s", "b", "");
	assert_int_equal(fixture_report(fixture, &a, 1, 0.2, &stop), 0);
	assert_int_equal(fixture_report(fixture, &b, 1, 0.7, &stop), 0); /* 0.45 where others had 0.5 */
	assert_string_equal(stop, "pruned");
	assert_non_null(strstr(fixture_trial(fixture, "s", 4).summary.reason, "median at step 1: 0.45 against 0.5"));
}

int main(void)
{
#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	        SENTENCE(one_fold_runs_first_and_each_trial_another_one),
	        SENTENCE(folds_that_have_no_mean_fail_their_trial_and_nothing_else),
	        SENTENCE(a_bad_first_fold_ends_the_trial_with_its_numbers),
	        SENTENCE(a_queued_trial_is_run_to_its_end),
	        SENTENCE(a_stopped_trial_is_resumed_by_the_folds_it_has_not_run),
	        SENTENCE(a_resumed_fold_has_all_its_retries),
	        SENTENCE(a_trial_is_judged_by_the_same_folds_of_others),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
