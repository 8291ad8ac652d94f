/* What people and workers may do with studies. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/studies/study_table.h"
#include "daemon/studies/table_studies.h"
#include "daemon/studies/table_view.h"
#include "daemon/studies/table_work.h"
#include "daemon/storage/store_deletion.h"
#include "schema/base/memory.h"
#include "schema/study/complaints.h"
#include "schema/study/study_file.h"
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

static void set_state(struct fixture *fixture, enum study_state state)
{
	enum study_state now;
	assert_int_equal(study_table_begin(fixture->table, &fixture->error), 0);
	assert_int_equal(study_table_set_state(&now, fixture->table, "s", state, &fixture->error), 0);
	assert_int_equal(study_table_commit(fixture->table, &fixture->error), 0);
	assert_int_equal(now, state);
}

/* ---- ask and tell ---- */

static void a_budget_of_three_is_three_trials_and_then_the_study_is_finished(void **state)
{
	struct fixture *fixture = *state;
	fixture_add(fixture, "s", ", \"budget\": {\"trials\": 3}");
	for (int i = 0; i < 3; i++) {
		struct assignment work = fixture_ask(fixture, "s", "a", "");
		assert_int_equal(work.number, i);
		assert_int_equal(work.folds, 1);
		assert_non_null(strstr(work.params_json, "\"x\""));
		assert_int_equal(fixture_complete(fixture, &work, 0.5 + i), TRIAL_COMPLETE);
	}
	struct assignment none = fixture_ask(fixture, "s", "a", "");
	assert_string_equal(none.retry_reason, "finished");
	struct study_summary study = fixture_study(fixture, "s");
	assert_int_equal(study.headline.state, STUDY_FINISHED);
	assert_string_equal(study.headline.reason, "budget");
	assert_int_equal(study.headline.counts[TRIAL_COMPLETE], 3);
	assert_int_equal(study.headline.best->number, 2);
	assert_true(study.headline.best->value == 2.5);
}

static void running_trials_count_so_that_no_more_than_the_budget_start(void **state)
{
	struct fixture *fixture = *state;
	fixture_add(fixture, "s", ", \"budget\": {\"trials\": 2}");
	struct assignment one = fixture_ask(fixture, "s", "a", ""), two = fixture_ask(fixture, "s", "b", "");
	struct assignment none = fixture_ask(fixture, "s", "c", "");
	assert_null(one.retry_reason);
	assert_null(two.retry_reason);
	assert_string_equal(none.retry_reason, "budget");
	assert_true(one.lease != two.lease);
}

static void a_repeated_ask_gets_the_same_run_and_another_key_another_one(void **state)
{
	struct fixture *fixture = *state;
	fixture_add(fixture, "s", "");
	struct assignment first = fixture_ask(fixture, "s", "a", "1"), again = fixture_ask(fixture, "s", "a", "1");
	struct assignment other = fixture_ask(fixture, "s", "a", "2"), elsewhere = fixture_ask(fixture, "s", "b", "1");
	assert_int_equal(first.run_id, again.run_id);
	assert_int_equal(first.lease, again.lease);
	assert_true(other.run_id != first.run_id && elsewhere.run_id != first.run_id);
	fixture_restart(fixture);
	again = fixture_ask(fixture, "s", "a", "1");
	assert_int_equal(first.run_id, again.run_id);
	assert_int_equal(first.lease, again.lease);
}

static void a_repeated_report_keeps_the_first_value_and_a_repeated_tell_the_first_result(void **state)
{
	struct fixture *fixture = *state;
	const char *stop;
	enum trial_state end;
	fixture_add(fixture, "s", "");
	struct assignment work = fixture_ask(fixture, "s", "a", "");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(fixture_report(fixture, &work, 0, 0.25 + i, &stop), 0);
		assert_string_equal(stop, "");
		fixture_restart(fixture);
	}
	for (int i = 0; i < 2; i++) {
		assert_int_equal(fixture_tell(fixture, &work, RUN_COMPLETE, 0.5 + i, &end), 0);
		assert_int_equal(end, TRIAL_COMPLETE);
		fixture_restart(fixture);
	}
	struct trial_detail trial = fixture_trial(fixture, "s", 0);
	assert_true(trial.summary.values.items[0] == 0.5);
	assert_true(trial.summary.last_value == 0.25);
	assert_int_equal(trial.runs.items[0].reports.count, 1);
	assert_true(fixture_query(fixture, "SELECT intermediate_value FROM trial_intermediate_values") == 0.25);
	assert_true(fixture_query(fixture, "SELECT value FROM trial_values") == 0.5);
}

static void without_a_final_value_the_best_report_counts(void **state)
{
	struct fixture *fixture = *state;
	const double curve[] = {0.2, 0.7, 0.4};
	const char *stop;
	fixture_add(fixture, "s", "");
	struct assignment work = fixture_ask(fixture, "s", "a", "");
	for (int step = 0; step < 3; step++)
		assert_int_equal(fixture_report(fixture, &work, step, curve[step], &stop), 0);
	fixture_restart(fixture);
	assert_int_equal(fixture_complete(fixture, &work, NAN), TRIAL_COMPLETE);
	assert_true(fixture_study(fixture, "s").headline.best->value == 0.7);
}

static void a_result_without_any_value_is_refused_and_the_run_lives_on(void **state)
{
	struct fixture *fixture = *state;
	enum trial_state end;
	fixture_add(fixture, "s", "");
	struct assignment work = fixture_ask(fixture, "s", "a", "");
	assert_int_equal(fixture_tell(fixture, &work, RUN_COMPLETE, NAN, &end), STUDIES_NOT_A_NUMBER);
	assert_int_equal(fixture_tell(fixture, &work, RUN_FAILED, NAN, &end), 0);
	assert_int_equal(end, TRIAL_FAILED);
}

static void what_does_not_exist_is_not_found(void **state)
{
	struct fixture *fixture = *state;
	const char *stop;
	enum trial_state end;
	fixture_add(fixture, "s", "");
	struct assignment nobody = {.run_id = 99, .lease = 1};
	assert_int_equal(fixture_report(fixture, &nobody, 0, 1, &stop), STUDIES_NOT_FOUND);
	assert_int_equal(fixture_tell(fixture, &nobody, RUN_COMPLETE, 1, &end), STUDIES_NOT_FOUND);
	struct assignment work = fixture_ask(fixture, "s", "a", "");
	assert_int_equal(fixture_report(fixture, &work, -1, 1, &stop), STUDIES_BAD_REQUEST);
	work.lease++;
	assert_int_equal(fixture_report(fixture, &work, 0, 1, &stop), 0);
	assert_string_equal(stop, "lost");
	assert_int_equal(fixture_tell(fixture, &work, RUN_COMPLETE, 1, &end), STUDIES_LEASE_LOST);
}

/* ---- leases ---- */

static void an_expired_lease_gives_the_run_to_somebody_else_once(void **state)
{
	struct fixture *fixture = *state;
	const char *stop;
	enum trial_state end;
	fixture_add(fixture, "s", ", \"budget\": {\"trials\": 1}");
	struct assignment dead = fixture_ask(fixture, "s", "a", "1");
	fixture_wait(fixture, FIXTURE_LEASE_MS - 1);
	assert_string_equal(fixture_ask(fixture, "s", "b", "").retry_reason, "budget");
	fixture_wait(fixture, 1);
	struct assignment heir = fixture_ask(fixture, "s", "b", "");
	assert_string_equal(fixture_ask(fixture, "s", "c", "").retry_reason, "budget");
	assert_int_equal(heir.trial_id, dead.trial_id);
	assert_int_equal(heir.attempt, 1);
	assert_int_equal(heir.seed, dead.seed);
	assert_string_equal(heir.params_json, dead.params_json);
	assert_true(heir.lease > dead.lease);
	assert_int_equal(fixture_report(fixture, &dead, 0, 1, &stop), 0);
	assert_string_equal(stop, "lost");
	assert_string_equal(fixture_renew(fixture, &dead), "lost");
	assert_int_equal(fixture_tell(fixture, &dead, RUN_COMPLETE, 1, &end), STUDIES_LEASE_LOST);
	assert_int_equal(fixture_complete(fixture, &heir, 0.5), TRIAL_COMPLETE);
	assert_int_equal(fixture_study(fixture, "s").headline.counts[TRIAL_COMPLETE], 1);
}

static void a_renewed_lease_lives(void **state)
{
	struct fixture *fixture = *state;
	fixture_add(fixture, "s", "");
	struct assignment work = fixture_ask(fixture, "s", "a", "");
	for (int i = 0; i < 5; i++) {
		fixture_wait(fixture, FIXTURE_LEASE_MS / 2);
		assert_string_equal(fixture_renew(fixture, &work), "");
	}
	assert_int_equal(fixture_complete(fixture, &work, 1), TRIAL_COMPLETE);
}

static void a_restart_gives_every_lease_one_full_life(void **state)
{
	struct fixture *fixture = *state;
	fixture_add(fixture, "s", "");
	struct assignment work = fixture_ask(fixture, "s", "a", "");
	fixture_wait(fixture, FIXTURE_LEASE_MS - 1000);
	fixture_restart(fixture);
	fixture_wait(fixture, FIXTURE_LEASE_MS - 1);
	assert_string_equal(fixture_renew(fixture, &work), "");
	fixture_wait(fixture, FIXTURE_LEASE_MS);
	assert_string_equal(fixture_renew(fixture, &work), "lost");
}

static void hand_back_at(struct fixture *fixture, int64_t step, enum trial_state expected)
{
	const char *stop;
	enum trial_state trial;
	struct assignment work = fixture_ask(fixture, "s", "a", "");
	assert_int_equal(work.number, 0);
	assert_int_equal(fixture_report(fixture, &work, step, 0.5, &stop), 0);
	assert_int_equal(fixture_tell(fixture, &work, RUN_LOST, NAN, &trial), 0);
	assert_int_equal(trial, expected);
}

static void a_run_handed_back_further_than_before_costs_no_retry(void **state)
{
	struct fixture *fixture = *state;
	const char *stop;
	fixture_add(fixture, "s", ", \"retries\": 1");
	for (int64_t step = 0; step < 5; step++)
		hand_back_at(fixture, step, TRIAL_RUNNING);
	struct assignment work = fixture_ask(fixture, "s", "a", "");
	assert_int_equal(work.attempt, 5);
	assert_int_equal(fixture_report(fixture, &work, 5, 0.5, &stop), 0);
	fixture_wait(fixture, FIXTURE_LEASE_MS + 1); /* nobody says so: the first that counts */
	fixture_restart(fixture);
	hand_back_at(fixture, 6, TRIAL_RUNNING);
	hand_back_at(fixture, 6, TRIAL_FAILED);
	assert_string_equal(
	        fixture_trial(fixture, "s", 0).summary.reason, "lost 2 times; the last time: no reason given");
}

static void a_run_lost_more_often_than_the_retries_fails_its_trial(void **state)
{
	struct fixture *fixture = *state;
	enum trial_state end = TRIAL_RUNNING;
	fixture_add(fixture, "s", ", \"retries\": 2");
	for (int attempt = 0; attempt < 3; attempt++) {
		struct assignment work = fixture_ask(fixture, "s", "a", "");
		assert_int_equal(work.number, 0);
		assert_int_equal(work.attempt, attempt);
		assert_int_equal(fixture_tell(fixture, &work, RUN_LOST, NAN, &end), 0);
		fixture_restart(fixture);
	}
	assert_int_equal(end, TRIAL_FAILED);
	assert_true(fixture_query(
	                    fixture, "SELECT count(*) FROM trial_user_attributes WHERE key = 'kre:fail_reason'") == 1);
	assert_int_equal(fixture_ask(fixture, "s", "a", "").number, 1);
}

static void a_failed_program_is_not_tried_again(void **state)
{
	struct fixture *fixture = *state;
	enum trial_state end;
	fixture_add(fixture, "s", "");
	struct assignment work = fixture_ask(fixture, "s", "a", "");
	assert_int_equal(fixture_tell(fixture, &work, RUN_FAILED, NAN, &end), 0);
	assert_int_equal(end, TRIAL_FAILED);
	assert_int_equal(fixture_ask(fixture, "s", "a", "").number, 1);
}

/* ---- pruning and folds ---- */

static void a_pruned_trial_is_over_at_once_and_its_holder_is_told(void **state)
{
	struct fixture *fixture = *state;
	const char *stop;
	enum trial_state end;
	fixture_add(fixture, "s", ", \"pruner\": {\"name\": \"threshold\", \"lower\": 0.1}");
	struct assignment work = fixture_ask(fixture, "s", "a", "");
	assert_int_equal(fixture_report(fixture, &work, 0, 0.5, &stop), 0);
	assert_string_equal(stop, "");
	assert_int_equal(fixture_report(fixture, &work, 1, 0.05, &stop), 0);
	assert_string_equal(stop, "pruned");
	fixture_restart(fixture);
	assert_string_equal(fixture_renew(fixture, &work), "pruned");
	assert_int_equal(fixture_report(fixture, &work, 1, 0.9, &stop), 0);
	assert_string_equal(stop, "pruned");
	assert_int_equal(fixture_tell(fixture, &work, RUN_FAILED, NAN, &end), 0);
	assert_int_equal(end, TRIAL_PRUNED);
	assert_true(fixture_query(fixture, "SELECT value FROM trial_values") == 0.05);
	assert_int_equal(fixture_study(fixture, "s").headline.counts[TRIAL_PRUNED], 1);
}

static void folds_are_runs_of_one_trial_whose_value_is_their_mean(void **state)
{
	struct fixture *fixture = *state;
	struct assignment folds[3];
	fixture_add(fixture, "s", ", \"folds\": 3");
	for (int fold = 0; fold < 3; fold++) {
		folds[fold] = fixture_ask(fixture, "s", "a", "");
		assert_int_equal(folds[fold].number, 0);
		assert_int_equal(folds[fold].fold, fold);
	}
	assert_true(folds[0].seed != folds[1].seed);
	assert_int_equal(fixture_ask(fixture, "s", "a", "").number, 1);
	assert_int_equal(fixture_complete(fixture, &folds[0], 0.1), TRIAL_RUNNING);
	fixture_restart(fixture);
	assert_int_equal(fixture_complete(fixture, &folds[1], 0.2), TRIAL_RUNNING);
	assert_int_equal(fixture_complete(fixture, &folds[2], 0.6), TRIAL_COMPLETE);
	struct trial_detail trial = fixture_trial(fixture, "s", 0);
	assert_true(fabs(trial.summary.values.items[0] - 0.3) < 1e-12);
	assert_true(fabs(trial.summary.sd - sqrt(0.07)) < 1e-12);
	assert_int_equal(trial.runs.count, 3);
	fixture_restart(fixture);
	trial = fixture_trial(fixture, "s", 0);
	assert_true(fabs(trial.summary.sd - sqrt(0.07)) < 1e-12);
}

static void a_step_is_written_once_all_folds_have_it(void **state)
{
	struct fixture *fixture = *state;
	const char *stop;
	fixture_add(fixture, "s", ", \"folds\": 2");
	struct assignment a = fixture_ask(fixture, "s", "a", ""), b = fixture_ask(fixture, "s", "b", "");
	assert_int_equal(fixture_report(fixture, &a, 0, 0.2, &stop), 0);
	assert_true(fixture_query(fixture, "SELECT count(*) FROM trial_intermediate_values") == 0);
	assert_int_equal(fixture_report(fixture, &b, 0, 0.4, &stop), 0);
	assert_true(
	        fabs(fixture_query(fixture, "SELECT intermediate_value FROM trial_intermediate_values") - 0.3) < 1e-12);
	assert_int_equal(fixture_report(fixture, &a, 1, 0.5, &stop), 0);
	fixture_complete(fixture, &a, 0.5);
	fixture_complete(fixture, &b, 0.7);
	assert_true(fixture_query(fixture, "SELECT intermediate_value FROM trial_intermediate_values WHERE step = 1") ==
	            0.5);
}

static void a_pruned_fold_stops_the_others(void **state)
{
	struct fixture *fixture = *state;
	const char *stop;
	enum trial_state end;
	fixture_add(fixture, "s", ", \"folds\": 3, \"pruner\": {\"name\": \"threshold\", \"lower\": 0.1}");
	struct assignment a = fixture_ask(fixture, "s", "a", ""), b = fixture_ask(fixture, "s", "b", "");
	assert_int_equal(fixture_report(fixture, &a, 0, 0.0, &stop), 0);
	assert_string_equal(stop, ""); /* the mean is not known before the other fold reports */
	assert_int_equal(fixture_report(fixture, &b, 0, 0.05, &stop), 0);
	assert_string_equal(stop, "pruned");
	assert_string_equal(fixture_renew(fixture, &a), "pruned");
	assert_int_equal(fixture_tell(fixture, &a, RUN_PRUNED, NAN, &end), 0);
	assert_int_equal(end, TRIAL_PRUNED);
	assert_int_equal(fixture_ask(fixture, "s", "c", "").number, 1); /* the third fold is not run */
	assert_true(fabs(fixture_query(fixture, "SELECT value FROM trial_values") - 0.025) < 1e-12);
}

/* ---- studies ---- */

static void a_paused_study_hands_out_nothing_and_running_trials_go_on(void **state)
{
	struct fixture *fixture = *state;
	fixture_add(fixture, "s", "");
	struct assignment work = fixture_ask(fixture, "s", "a", "");
	set_state(fixture, STUDY_PAUSED);
	assert_string_equal(fixture_ask(fixture, "s", "b", "").retry_reason, "paused");
	assert_string_equal(fixture_renew(fixture, &work), "");
	assert_int_equal(fixture_complete(fixture, &work, 1), TRIAL_COMPLETE);
	fixture_restart(fixture);
	assert_string_equal(fixture_ask(fixture, "s", "b", "").retry_reason, "paused");
	set_state(fixture, STUDY_RUNNING);
	assert_int_equal(fixture_ask(fixture, "s", "b", "").number, 1);
}

static void a_stopped_study_cancels_what_runs(void **state)
{
	struct fixture *fixture = *state;
	enum trial_state end;
	fixture_add(fixture, "s", ", \"folds\": 2");
	struct assignment work = fixture_ask(fixture, "s", "a", "");
	set_state(fixture, STUDY_STOPPED);
	fixture_restart(fixture);
	assert_string_equal(fixture_renew(fixture, &work), "cancelled");
	assert_int_equal(fixture_tell(fixture, &work, RUN_LOST, NAN, &end), 0);
	assert_int_equal(end, TRIAL_FAILED);
	assert_string_equal(fixture_ask(fixture, "s", "a", "").retry_reason, "finished");
}

static void a_large_study_goes_at_once_and_its_rows_later(void **state)
{
	struct fixture *fixture = *state;
	const double point[2] = {0.5, 3};
	int64_t number;
	bool left = true;
	fixture_add(fixture, "s", "");
	assert_int_equal(study_table_begin(fixture->table, &fixture->error), 0);
	for (int i = 0; i < 60; i++)
		assert_int_equal(study_table_enqueue(&number, fixture->table, "s", point, &fixture->error), 0);
	assert_int_equal(study_table_delete(fixture->table, "s", &fixture->error), 0);
	assert_int_equal(study_table_commit(fixture->table, &fixture->error), 0);
	assert_string_equal(fixture->last_event, "deleted");
	fixture_add(fixture, "s", ""); /* the name is free */
	fixture_restart(fixture);
	assert_int_equal(store_deletion_step(&left, fixture->store), 0);
	assert_true(left);
	fixture_wait(fixture, 0);
	assert_int_equal(store_deletion_step(&left, fixture->store), 0);
	assert_false(left);
	assert_true(fixture_query(fixture, "SELECT count(*) FROM trials") == 0);
	assert_true(fixture_query(fixture, "SELECT count(*) FROM kre_studies") == 1);
	assert_true(fixture_query(fixture, "SELECT count(*) FROM studies") == 1);
}

static void a_deleted_study_is_gone_and_its_leases_are_lost(void **state)
{
	struct fixture *fixture = *state;
	const char *stop;
	fixture_add(fixture, "s", "");
	fixture_add(fixture, "t", "");
	struct assignment work = fixture_ask(fixture, "s", "a", "1"), other = fixture_ask(fixture, "t", "a", "2");
	assert_int_equal(study_table_begin(fixture->table, &fixture->error), 0);
	assert_int_equal(study_table_delete(fixture->table, "s", &fixture->error), 0);
	assert_int_equal(study_table_commit(fixture->table, &fixture->error), 0);
	assert_string_equal(fixture->last_event, "deleted");
	assert_int_equal(fixture_report(fixture, &work, 0, 1, &stop), 0);
	assert_string_equal(stop, "lost");
	assert_string_equal(fixture_renew(fixture, &other), "");
	fixture_wait(fixture, FIXTURE_LEASE_MS * 2);
}

static void the_same_file_resumes_and_another_one_is_refused(void **state)
{
	struct fixture *fixture = *state;
	bool created = true;
	const char *same =
	        "{\"name\": \"s\", \"method\": \"random\", \"seed\": 1, \"metric\": {\"name\": \"f1\", \"goal\": "
	        "\"maximize\"}, \"parameters\": {\"x\": {\"min\": 0.0, \"max\": 1.0}}}";
	const char *other =
	        "{\"name\": \"s\", \"method\": \"random\", \"seed\": 1, \"metric\": {\"name\": \"f1\", \"goal\": "
	        "\"maximize\"}, \"parameters\": {\"x\": {\"min\": 0.0, \"max\": 2.0}}}";
	assert_int_equal(fixture_try_add(fixture, same, true, &created), 0);
	assert_true(created);
	set_state(fixture, STUDY_STOPPED);
	assert_int_equal(fixture_try_add(fixture, same, false, &created), STUDIES_EXISTS);
	assert_int_equal(fixture_try_add(fixture, other, true, &created), STUDIES_EXISTS);
	assert_int_equal(fixture_try_add(fixture, same, true, &created), 0);
	assert_false(created);
	assert_int_equal(fixture_study(fixture, "s").headline.state, STUDY_RUNNING);
}

static void a_larger_budget_lets_a_finished_study_go_on(void **state)
{
	struct fixture *fixture = *state;
	bool created;
	const char *small = "{\"name\": \"s\", \"method\": \"random\", \"metric\": {\"name\": \"f1\"}, \"budget\": "
	                    "{\"trials\": 1}, \"parameters\": {\"x\": {\"min\": 0.0, \"max\": 1.0}}}";
	const char *large = "{\"name\": \"s\", \"method\": \"random\", \"metric\": {\"name\": \"f1\"}, \"budget\": "
	                    "{\"trials\": 2}, \"parameters\": {\"x\": {\"min\": 0.0, \"max\": 1.0}}}";
	assert_int_equal(fixture_try_add(fixture, small, false, &created), 0);
	struct assignment work = fixture_ask(fixture, "s", "a", "");
	fixture_complete(fixture, &work, 0.5);
	assert_int_equal(fixture_study(fixture, "s").headline.state, STUDY_FINISHED);
	assert_int_equal(fixture_try_add(fixture, small, true, &created), 0);
	assert_string_equal(fixture->changes, "");
	assert_int_equal(fixture_study(fixture, "s").headline.state, STUDY_FINISHED);
	assert_int_equal(fixture_try_add(fixture, large, true, &created), 0);
	assert_string_equal(fixture->changes, "budget.trials 1 → 2");
	fixture_restart(fixture);
	assert_int_equal(fixture_study(fixture, "s").headline.state, STUDY_RUNNING);
	assert_int_equal(fixture_ask(fixture, "s", "a", "").number, 1);
	assert_true(fixture_query(fixture, "SELECT count(*) FROM kre_specs") == 2);
}

static void a_run_that_is_out_goes_on_when_the_file_changes(void **state)
{
	struct fixture *fixture = *state;
	bool created;
	const char *stop;
	const char *three = "{\"name\": \"s\", \"method\": \"random\", \"metric\": {\"name\": \"f1\"}, \"folds\": 2, "
	                    "\"parameters\": {\"x\": {\"min\": 0.0, \"max\": 1.0}}}";
	const char *five = "{\"name\": \"s\", \"method\": \"random\", \"metric\": {\"name\": \"f1\"}, \"folds\": 3, "
	                   "\"parameters\": {\"x\": {\"min\": 0.0, \"max\": 1.0}}}";
	assert_int_equal(fixture_try_add(fixture, three, false, &created), 0);
	struct assignment first = fixture_ask(fixture, "s", "a", "");
	assert_int_equal(fixture_report(fixture, &first, 0, 0.25, &stop), 0);
	assert_int_equal(fixture_try_add(fixture, five, true, &created), 0);
	assert_int_equal(fixture_report(fixture, &first, 1, 0.5, &stop), 0);
	assert_string_equal(stop, "");
	struct assignment second = fixture_ask(fixture, "s", "a", "");
	assert_int_equal(second.number, 0);
	assert_int_equal(second.folds, 2);
	assert_int_equal(fixture_complete(fixture, &first, 0.5), TRIAL_RUNNING);
	fixture_restart(fixture);
	assert_int_equal(fixture_complete(fixture, &second, 1.5), TRIAL_COMPLETE);
	assert_float_equal(fixture_trial(fixture, "s", 0).summary.values.items[0], 1, 0);
	assert_int_equal(fixture_ask(fixture, "s", "a", "").folds, 3);
}

static void a_new_study_may_know_the_trials_of_another_one(void **state)
{
	struct fixture *fixture = *state;
	const char *old = "{\"name\": \"old\", \"method\": \"grid\", \"metric\": {\"name\": \"f1\"}, \"fixed\": "
	                  "{\"depth\": 2}, \"parameters\": {\"n\": {\"values\": [1, 2, 3]}}}";
	const char *new =
	        "{\"name\": \"new\", \"method\": \"grid\", \"metric\": {\"name\": \"f1\"}, \"budget\": "
	        "{\"trials\": 9}, \"parameters\": {\"n\": {\"min\": 2, \"max\": 4}, \"depth\": {\"values\": [2]}}}";
	struct study_offer offer = {.from = "old"};
	struct study_arrival arrival;
	bool created;
	assert_int_equal(fixture_offer(fixture, new, &offer, &arrival), STUDIES_NOT_FOUND);
	assert_int_equal(fixture_try_add(fixture, old, false, &created), 0);
	for (int i = 0; i < 3; i++) {
		struct assignment work = fixture_ask(fixture, "old", "a", "");
		fixture_complete(fixture, &work, i);
	}
	assert_int_equal(fixture_offer(fixture, new, &offer, &arrival), 0);
	assert_true(arrival.created);
	assert_int_equal(arrival.inheritance.offered, 3);
	assert_int_equal(arrival.inheritance.count, 2);
	struct study_summary study = fixture_study(fixture, "new");
	assert_int_equal(study.headline.counts[TRIAL_COMPLETE], 2);
	assert_true(study.headline.best->value == 1);
	struct assignment work = fixture_ask(fixture, "new", "a", "");
	assert_int_equal(work.number, 2);
	assert_non_null(strstr(work.params_json, "\"n\":4"));
	assert_int_equal(fixture_offer(fixture, new, &offer, &arrival), STUDIES_EXISTS);
}

/* A turn in which that allocation fails; the outcome of the offer, after which the spec is nobody's
 * concern here. */
static int offer_with_fault(struct fixture *fixture, const char *json, long nth, bool *failed)
{
	struct study_offer offer = {.from = "old", .defaults_of = "kre-train"};
	struct study_arrival arrival;
	struct complaints complaints = {0};
	const double defaults[] = {1};
	const struct study_source source = {json, strlen(json), "", NULL, NULL};
	assert_int_equal(study_file_parse(&offer.spec, &source, &complaints, &fixture->error), 0);
	complaints_finish(&complaints);
	offer.defaults = defaults;
	assert_int_equal(study_table_begin(fixture->table, &fixture->error), 0);
	memory_fault_after(nth);
	int rc = study_table_add(&arrival, fixture->table, &offer, &fixture->error);
	*failed = memory_fault_happened();
	memory_fault_after(0);
	spec_changes_finish(&arrival.changes);
	int committed = study_table_commit(fixture->table, &fixture->error);
	assert_true(rc != 0 || committed == 0);
	return rc;
}

static void an_heir_that_memory_does_not_suffice_for_is_not_there_and_may_come_again(void **state)
{
	struct fixture *fixture = *state;
	const char *new = "{\"name\": \"new\", \"method\": \"random\", \"metric\": {\"name\": \"f1\", \"goal\": "
	                  "\"maximize\"}, \"parameters\": {\"n\": {\"min\": 1, \"max\": 9}}}";
	bool failed = true;
	long nth = 0;
	fixture_add(fixture, "old", "");
	struct assignment work = fixture_ask(fixture, "old", "a", "");
	fixture_complete(fixture, &work, 0.5);
	while (failed) {
		int rc = offer_with_fault(fixture, new, ++nth, &failed);
		assert_true(rc == 0 || failed);
		if (rc != 0)
			assert_true(
			        fixture_query(fixture, "SELECT count(*) FROM studies WHERE study_name = 'new'") == 0);
		else if (failed)
			assert_int_equal(study_table_delete(fixture->table, "new", &fixture->error), 0);
	}
	assert_true(nth > 50);
	assert_int_equal(fixture_study(fixture, "new").headline.counts[TRIAL_COMPLETE], 1);
}

static void a_target_reached_ends_the_study(void **state)
{
	struct fixture *fixture = *state;
	bool created;
	const char *json =
	        "{\"name\": \"s\", \"method\": \"random\", \"metric\": {\"name\": \"f1\", \"goal\": \"maximize\", "
	        "\"target\": 0.9}, \"parameters\": {\"x\": {\"min\": 0.0, \"max\": 1.0}}}";
	assert_int_equal(fixture_try_add(fixture, json, false, &created), 0);
	struct assignment low = fixture_ask(fixture, "s", "a", ""), high = fixture_ask(fixture, "s", "b", "");
	fixture_complete(fixture, &high, 0.9);
	assert_string_equal(fixture_ask(fixture, "s", "b", "").retry_reason, "budget");
	fixture_complete(fixture, &low, 0.1);
	assert_string_equal(fixture_study(fixture, "s").headline.reason, "target");
	assert_int_equal(fixture_study(fixture, "s").headline.state, STUDY_FINISHED);
}

static void a_time_budget_ends_the_study_though_nobody_asks(void **state)
{
	struct fixture *fixture = *state;
	fixture_add(fixture, "s", ", \"budget\": {\"seconds\": 100}");
	struct assignment work = fixture_ask(fixture, "s", "a", "");
	fixture_complete(fixture, &work, 1);
	fixture_wait(fixture, 60000);
	set_state(fixture, STUDY_PAUSED);
	fixture_wait(fixture, 60000);
	fixture_restart(fixture);
	set_state(fixture, STUDY_RUNNING);
	fixture_wait(fixture, 39000);
	assert_int_equal(fixture_study(fixture, "s").headline.state, STUDY_RUNNING);
	fixture_wait(fixture, 1000);
	assert_int_equal(fixture_study(fixture, "s").headline.state, STUDY_FINISHED);
	assert_string_equal(fixture_study(fixture, "s").headline.reason, "time");
}

static void a_limited_time_passes_for_the_file_too_while_nobody_works(void **state)
{
	struct fixture *fixture = *state;
	fixture_add(fixture, "s", ", \"budget\": {\"seconds\": 100}");
	fixture_wait(fixture, 60000);
	fixture_restart(fixture); /* as killed: at most the last 15 s are lost */
	assert_true(fixture_study(fixture, "s").running_s >= 45);
	fixture_wait(fixture, 55000);
	assert_int_equal(fixture_study(fixture, "s").headline.state, STUDY_FINISHED);
}

static void several_studies_get_workers_in_turn(void **state)
{
	struct fixture *fixture = *state;
	int counts[2] = {0};
	fixture_add(fixture, "s", "");
	fixture_add(fixture, "t", "");
	for (int i = 0; i < 10; i++)
		counts[fixture_ask(fixture, NULL, "a", "").study[0] == 't']++;
	assert_int_equal(counts[0], 5);
	assert_int_equal(counts[1], 5);
	set_state(fixture, STUDY_PAUSED);
	assert_string_equal(fixture_ask(fixture, NULL, "a", "").study, "t");
}

static void a_worker_gets_only_studies_whose_program_it_runs(void **state)
{
	struct fixture *fixture = *state;
	const char *programs[] = {"something-else", "kre-train"};
	struct ask_request ask = {.worker = "a", .session = "a", .key = "", .commands = {1, programs}};
	struct ask_answer answer;
	fixture_add(fixture, "s", "");
	assert_int_equal(study_table_begin(fixture->table, &fixture->error), 0);
	assert_int_equal(study_table_ask(&answer, fixture->table, &ask, &fixture->arena, &fixture->error), 0);
	assert_int_equal(answer.reason, WAIT_WAITING);
	ask.commands.count = 2;
	assert_int_equal(study_table_ask(&answer, fixture->table, &ask, &fixture->arena, &fixture->error), 0);
	assert_non_null(answer.run);
	assert_int_equal(study_table_commit(fixture->table, &fixture->error), 0);
}

static void queued_points_come_first_and_missing_values_are_sampled(void **state)
{
	struct fixture *fixture = *state;
	double point[] = {NAN, 0.125}; /* n, x */
	int64_t number;
	fixture_add(fixture, "s", "");
	assert_int_equal(study_table_begin(fixture->table, &fixture->error), 0);
	assert_int_equal(study_table_enqueue(&number, fixture->table, "s", point, &fixture->error), 0);
	assert_int_equal(study_table_commit(fixture->table, &fixture->error), 0);
	fixture_restart(fixture);
	struct assignment work = fixture_ask(fixture, "s", "a", "");
	assert_int_equal(work.number, number);
	assert_non_null(strstr(work.params_json, "0.125"));
	assert_non_null(strstr(work.params_json, "\"n\""));
	assert_int_equal(fixture_ask(fixture, "s", "a", "").number, number + 1);
}

static void a_finished_study_runs_again_for_a_queued_point(void **state)
{
	struct fixture *fixture = *state;
	double point[] = {2, 0.125};
	int64_t number;
	enum study_state now;
	fixture_add(fixture, "s", ", \"budget\": {\"trials\": 1}");
	struct assignment work = fixture_ask(fixture, "s", "a", "");
	fixture_complete(fixture, &work, 0.5);
	assert_int_equal(study_table_begin(fixture->table, &fixture->error), 0);
	assert_int_equal(
	        study_table_set_state(&now, fixture->table, "s", STUDY_RUNNING, &fixture->error), STUDIES_NOT_RUNNING);
	assert_int_equal(study_table_enqueue(&number, fixture->table, "s", point, &fixture->error), 0);
	assert_int_equal(study_table_commit(fixture->table, &fixture->error), 0);
	assert_int_equal(fixture_study(fixture, "s").headline.state, STUDY_RUNNING);
	work = fixture_ask(fixture, "s", "a", "");
	assert_int_equal(work.number, number);
	fixture_complete(fixture, &work, 0.5);
	assert_int_equal(fixture_study(fixture, "s").headline.state, STUDY_FINISHED);
}

/* Two studies with one seed draw the same ten start-up points; then the one without brackets has
 * enough to model. */
static void under_hyperband_start_up_counts_per_bracket(void **state)
{
	struct fixture *fixture = *state;
	char first[128];
	fixture_add(fixture, "s", ", \"pruner\": {\"name\": \"hyperband\", \"max_resource\": 20}");
	fixture_add(fixture, "t", "");
	for (int i = 0; i <= 10; i++) {
		struct assignment work = fixture_ask(fixture, "s", "a", "");
		snprintf(first, sizeof first, "%s", work.params_json);
		fixture_complete(fixture, &work, 0.5 + 0.01 * i);
		work = fixture_ask(fixture, "t", "a", "");
		assert_int_equal(strcmp(work.params_json, first) == 0, i < 10);
		fixture_complete(fixture, &work, 0.5 + 0.01 * i);
	}
}

static void trials_are_listed_by_state_and_page(void **state)
{
	struct fixture *fixture = *state;
	struct trial_list_answer page;
	fixture_add(fixture, "s", "");
	for (int i = 0; i < 6; i++) {
		struct assignment work = fixture_ask(fixture, "s", "a", "");
		if (i % 2 == 0)
			fixture_complete(fixture, &work, i);
	}
	assert_int_equal(
	        study_table_trials(&page, fixture->table, &(struct trial_list_request){"s", TRIAL_COMPLETE, 0, 10},
	                &fixture->arena, &fixture->error),
	        0);
	assert_int_equal(page.trials.count, 2);
	assert_int_equal(page.trials.items[0].number, 2);
	assert_string_equal(page.trials.items[0].worker, "a");
	assert_int_equal(
	        study_table_trials(&page, fixture->table, &(struct trial_list_request){"s", TRIAL_STATE_COUNT, 1, 3},
	                &fixture->arena, &fixture->error),
	        0);
	assert_int_equal(page.trials.count, 3);
	assert_int_equal(page.trials.items[2].number, 4);
}

/* Of 300 trials with values in no order, every seventh unfinished. */
static void the_first_of_many_trials_are_picked_in_the_order_asked_for(void **state)
{
	struct fixture *fixture = *state;
	struct trial_list_answer best, all;
	fixture_add(fixture, "s", "");
	for (int i = 0; i < 300; i++) {
		struct assignment work = fixture_ask(fixture, "s", "a", "");
		if (i % 7)
			fixture_complete(fixture, &work, (i * 37) % 100);
	}
	struct trial_list_request wanted = {"s", TRIAL_STATE_COUNT, -1, 5, ORDER_BEST};
	assert_int_equal(study_table_trials(&best, fixture->table, &wanted, &fixture->arena, &fixture->error), 0);
	wanted.limit = 300;
	assert_int_equal(study_table_trials(&all, fixture->table, &wanted, &fixture->arena, &fixture->error), 0);
	assert_int_equal(best.trials.count, 5);
	assert_true(best.next >= 0);
	assert_int_equal(all.trials.count, 300);
	assert_true(all.next < 0);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(best.trials.items[i].number, all.trials.items[i].number);
	for (size_t i = 1; i < 300; i++) {
		const struct trial_summary *before = &all.trials.items[i - 1], *trial = &all.trials.items[i];
		bool done = trial->state == TRIAL_COMPLETE, earlier = before->number < trial->number;
		assert_true(before->state == TRIAL_COMPLETE || !done);
		if (done)
			assert_true(before->values.items[0] > trial->values.items[0] ||
			            (before->values.items[0] == trial->values.items[0] && earlier));
	}
	wanted = (struct trial_list_request){"s", TRIAL_RUNNING, -1, 3, ORDER_DURATION};
	assert_int_equal(study_table_trials(&all, fixture->table, &wanted, &fixture->arena, &fixture->error), 0);
	assert_int_equal(all.trials.count, 3);
	assert_int_equal(all.trials.items[2].number, 14);
}

static void watchers_hear_of_a_turn_after_its_commit(void **state)
{
	struct fixture *fixture = *state;
	struct ask_request ask = {.study = "s", .worker = "a", .session = "a", .key = ""};
	struct ask_answer answer;
	fixture_add(fixture, "s", "");
	fixture->told[0] = '\0';
	assert_int_equal(study_table_begin(fixture->table, &fixture->error), 0);
	assert_int_equal(study_table_ask(&answer, fixture->table, &ask, &fixture->arena, &fixture->error), 0);
	struct assignment work = fixture_assignment(&answer);
	assert_string_equal(fixture->told, "");
	assert_int_equal(study_table_commit(fixture->table, &fixture->error), 0);
	assert_string_equal(fixture->told, "started ");
	fixture_complete(fixture, &work, 1);
	assert_string_equal(fixture->told, "started finished ");
}

static void what_looks_wrong_is_said_once_with_its_evidence(void **state)
{
	struct fixture *fixture = *state;
	enum trial_state end;
	fixture_add(fixture, "s", ", \"pruner\": {\"name\": \"threshold\", \"lower\": 0.1}");
	for (int i = 0; i < 10; i++) {
		struct assignment work = fixture_ask(fixture, "s", "a", "");
		assert_int_equal(fixture_study(fixture, "s").warnings.count, 0);
		fixture_complete(fixture, &work, 0.5);
	}
	struct study_summary study = fixture_study(fixture, "s");
	assert_int_equal(study.warnings.count, 2);
	assert_non_null(strstr(study.warnings.items[0], "all 10 complete trials have f1 = 0.5"));
	assert_non_null(strstr(study.warnings.items[1], "never reported f1"));
	for (int i = 0; i < 10; i++) {
		struct assignment work = fixture_ask(fixture, "s", "a", "");
		assert_int_equal(fixture_tell(fixture, &work, RUN_FAILED, NAN, &end), 0);
	}
	study = fixture_study(fixture, "s");
	assert_int_equal(study.warnings.count, 3);
	assert_non_null(strstr(study.warnings.items[0], "10 of 20 finished trials failed"));
}

int main(void)
{
#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	        SENTENCE(a_budget_of_three_is_three_trials_and_then_the_study_is_finished),
	        SENTENCE(running_trials_count_so_that_no_more_than_the_budget_start),
	        SENTENCE(a_repeated_ask_gets_the_same_run_and_another_key_another_one),
	        SENTENCE(a_repeated_report_keeps_the_first_value_and_a_repeated_tell_the_first_result),
	        SENTENCE(without_a_final_value_the_best_report_counts),
	        SENTENCE(a_result_without_any_value_is_refused_and_the_run_lives_on),
	        SENTENCE(what_does_not_exist_is_not_found),
	        SENTENCE(an_expired_lease_gives_the_run_to_somebody_else_once),
	        SENTENCE(a_renewed_lease_lives),
	        SENTENCE(a_restart_gives_every_lease_one_full_life),
	        SENTENCE(a_run_handed_back_further_than_before_costs_no_retry),
	        SENTENCE(a_run_lost_more_often_than_the_retries_fails_its_trial),
	        SENTENCE(a_failed_program_is_not_tried_again),
	        SENTENCE(a_pruned_trial_is_over_at_once_and_its_holder_is_told),
	        SENTENCE(folds_are_runs_of_one_trial_whose_value_is_their_mean),
	        SENTENCE(a_step_is_written_once_all_folds_have_it),
	        SENTENCE(a_pruned_fold_stops_the_others),
	        SENTENCE(a_paused_study_hands_out_nothing_and_running_trials_go_on),
	        SENTENCE(a_stopped_study_cancels_what_runs),
	        SENTENCE(a_large_study_goes_at_once_and_its_rows_later),
	        SENTENCE(a_deleted_study_is_gone_and_its_leases_are_lost),
	        SENTENCE(the_same_file_resumes_and_another_one_is_refused),
	        SENTENCE(a_larger_budget_lets_a_finished_study_go_on),
	        SENTENCE(a_run_that_is_out_goes_on_when_the_file_changes),
	        SENTENCE(a_new_study_may_know_the_trials_of_another_one),
	        SENTENCE(an_heir_that_memory_does_not_suffice_for_is_not_there_and_may_come_again),
	        SENTENCE(a_target_reached_ends_the_study),
	        SENTENCE(a_time_budget_ends_the_study_though_nobody_asks),
	        SENTENCE(a_limited_time_passes_for_the_file_too_while_nobody_works),
	        SENTENCE(several_studies_get_workers_in_turn),
	        SENTENCE(a_worker_gets_only_studies_whose_program_it_runs),
	        SENTENCE(queued_points_come_first_and_missing_values_are_sampled),
	        SENTENCE(a_finished_study_runs_again_for_a_queued_point),
	        SENTENCE(under_hyperband_start_up_counts_per_bracket),
	        SENTENCE(trials_are_listed_by_state_and_page),
	        SENTENCE(the_first_of_many_trials_are_picked_in_the_order_asked_for),
	        SENTENCE(watchers_hear_of_a_turn_after_its_commit),
	        SENTENCE(what_looks_wrong_is_said_once_with_its_evidence),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
