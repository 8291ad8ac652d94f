/* Suggestions that take long: what a study does while one is under way, and what becomes of it. The
 * test decides when a job comes back. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/studies/study_table.h"
#include "daemon/studies/table_importance.h"
#include "daemon/studies/table_studies.h"
#include "daemon/studies/table_work.h"
#include "schema/base/memory.h"
#include "tests/daemon/studies/fixture.h"

enum { STARTUP = FIXTURE_STARTUP };

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

static int ask(struct fixture *fixture, const char *worker, struct assignment *out)
{
	return fixture_try_ask(fixture, "s", worker, worker, out);
}

static void an_ask_waits_for_its_suggestion_and_then_gets_it(void **state)
{
	struct fixture *fixture = *state;
	struct assignment work;
	fixture_add_thinker(fixture, "s", "");
	fixture_warm_up(fixture, "s");
	assert_int_equal(ask(fixture, "a", &work), STUDIES_LATER);
	assert_int_equal(fixture->job_count, 1);
	assert_int_equal(ask(fixture, "a", &work), STUDIES_LATER);
	assert_int_equal(ask(fixture, "b", &work), STUDIES_LATER);
	assert_int_equal(fixture->job_count, 1); /* a study has one at a time */
	assert_int_equal(fixture_study(fixture, "s").headline.counts[TRIAL_RUNNING], 0);
	fixture_do_job(fixture);
	assert_int_equal(ask(fixture, "a", &work), 0);
	assert_int_equal(work.number, STARTUP);
	struct assignment again;
	assert_int_equal(ask(fixture, "a", &again), 0);
	assert_int_equal(again.run_id, work.run_id);
	assert_int_equal(ask(fixture, "b", &again), STUDIES_LATER);
	assert_int_equal(fixture->job_count, 1);
}

/* Twenty trials of one worker, which now and then reports before it asks again. */
static void live(struct fixture *fixture, char points[20][100])
{
	for (int i = 0; i < 20; i++) {
		struct assignment work = fixture_ask(fixture, "s", "a", "");
		snprintf(points[i], 100, "%s", work.params_json);
		fixture_complete(fixture, &work, fixture_score(&work));
	}
}

static void a_study_whose_suggestions_are_jobs_makes_the_same_choices_and_goes_on_the_same_after_a_restart(void **state)
{
	struct fixture *fixture = *state;
	static char spot[20][100], jobs[20][100];
	fixture_add_thinker(fixture, "s", "");
	live(fixture, spot);
	fixture_finish(fixture);
	fixture_init(fixture);
	fixture_add_thinker(fixture, "s", "");
	fixture->takes_jobs = true;
	for (int i = 0; i < 20; i++) {
		struct assignment work = {0};
		if (i % 4 == 1 && i > STARTUP) { /* the daemon dies while it thinks */
			assert_int_equal(ask(fixture, "a", &work), STUDIES_LATER);
			fixture_restart(fixture);
		}
		work = fixture_ask(fixture, "s", "a", "");
		assert_int_equal(work.number, i);
		snprintf(jobs[i], 100, "%s", work.params_json);
		fixture_complete(fixture, &work, fixture_score(&work));
	}
	for (int i = 0; i < 20; i++)
		assert_string_equal(jobs[i], spot[i]);
}

static void work_goes_on_while_a_suggestion_is_under_way_and_counts_for_the_next(void **state)
{
	struct fixture *fixture = *state;
	struct assignment first, second, third;
	const char *stop;
	fixture_add_thinker(fixture, "s", ", \"folds\": 2");
	for (int i = 0; i < 2 * STARTUP; i++) {
		struct assignment work = fixture_ask(fixture, "s", "early", "");
		fixture_complete(fixture, &work, fixture_score(&work));
	}
	fixture->takes_jobs = true;
	first = fixture_ask(fixture, "s", "a", "a");
	assert_int_equal(ask(fixture, "b", &second), 0); /* the other fold needs no suggestion */
	assert_int_equal(second.number, first.number);
	assert_int_equal(ask(fixture, "c", &third), STUDIES_LATER);
	assert_int_equal(fixture_report(fixture, &first, 0, 0.5, &stop), 0);
	assert_int_equal(fixture_complete(fixture, &first, 0.9), TRIAL_RUNNING);
	assert_int_equal(fixture_complete(fixture, &second, 0.9), TRIAL_COMPLETE);
	assert_int_equal(fixture_study(fixture, "s").headline.counts[TRIAL_COMPLETE], STARTUP + 1);
	assert_true(strlen(fixture_study(fixture, "s").sampler_note) > 0);
	fixture_do_job(fixture);
	assert_int_equal(ask(fixture, "c", &third), 0);
	assert_int_equal(third.number, first.number + 1);
	struct importance_request question = {.study = "s", .method = "ped_anova"};
	struct importance_answer summary;
	assert_int_equal(study_table_importance(&summary, fixture->table, &(struct importance_inquiry){&question, NULL},
	                         &fixture->arena, &fixture->error),
	        0);
	assert_int_equal(summary.trial_count, STARTUP + 1);
}

static void a_lost_fold_is_handed_out_while_a_suggestion_is_under_way(void **state)
{
	struct fixture *fixture = *state;
	struct assignment work, again;
	fixture_add_thinker(fixture, "s", "");
	fixture_warm_up(fixture, "s");
	work = fixture_ask(fixture, "s", "a", "a");
	assert_int_equal(ask(fixture, "b", &again), STUDIES_LATER);
	fixture_wait(fixture, FIXTURE_LEASE_MS + 1);
	assert_int_equal(ask(fixture, "b", &again), 0);
	assert_int_equal(again.number, work.number);
	assert_int_equal(again.attempt, 1);
}

static void enqueue(struct fixture *fixture, double n, double x)
{
	double point[2] = {n, x}; /* a spec has its parameters by name */
	int64_t number;
	assert_int_equal(study_table_begin(fixture->table, &fixture->error), 0);
	assert_int_equal(study_table_enqueue(&number, fixture->table, "s", point, &fixture->error), 0);
	assert_int_equal(study_table_commit(fixture->table, &fixture->error), 0);
}

static void a_paused_or_stopped_study_takes_no_suggestion(void **state)
{
	struct fixture *fixture = *state;
	static const struct {
		const char *name;
		enum study_state state;
		const char *reason;
	} cases[] = {{"p", STUDY_PAUSED, "paused"}, {"q", STUDY_STOPPED, "finished"}};
	for (size_t i = 0; i < 2; i++) {
		struct assignment work;
		enum study_state now;
		fixture_add_thinker(fixture, cases[i].name, "");
		fixture->takes_jobs = false;
		fixture_warm_up(fixture, cases[i].name);
		assert_int_equal(fixture_try_ask(fixture, cases[i].name, "a", "", &work), STUDIES_LATER);
		assert_int_equal(study_table_begin(fixture->table, &fixture->error), 0);
		assert_int_equal(
		        study_table_set_state(&now, fixture->table, cases[i].name, cases[i].state, &fixture->error), 0);
		assert_int_equal(study_table_commit(fixture->table, &fixture->error), 0);
		fixture_do_job(fixture);
		assert_int_equal(fixture_try_ask(fixture, cases[i].name, "a", "", &work), 0);
		assert_string_equal(work.retry_reason, cases[i].reason);
		assert_int_equal(fixture_study(fixture, cases[i].name).headline.counts[TRIAL_RUNNING], 0);
	}
}

static void a_study_that_reaches_its_target_meanwhile_takes_no_suggestion(void **state)
{
	struct fixture *fixture = *state;
	struct assignment out, work;
	bool created;
	const char *json = "{\"name\": \"s\", \"sampler\": {\"name\": \"gp\", \"n_startup_trials\": 3}, \"seed\": 7,"
	                   " \"metric\": {\"name\": \"f1\", \"goal\": \"maximize\", \"target\": 0.95},"
	                   " \"parameters\": {\"x\": {\"min\": 0.0, \"max\": 1.0}}}";
	assert_int_equal(fixture_try_add(fixture, json, false, &created), 0);
	fixture_warm_up(fixture, "s");
	out = fixture_ask(fixture, "s", "a", "");
	assert_int_equal(ask(fixture, "b", &work), STUDIES_LATER);
	fixture_complete(fixture, &out, 0.96);
	assert_int_equal(fixture_study(fixture, "s").headline.state, STUDY_FINISHED);
	fixture_do_job(fixture);
	assert_int_equal(ask(fixture, "b", &work), 0);
	assert_string_equal(work.retry_reason, "finished");
}

static void a_budget_that_is_used_up_meanwhile_is_not_overdrawn(void **state)
{
	struct fixture *fixture = *state;
	struct assignment work;
	fixture_add_thinker(fixture, "s", ", \"budget\": {\"trials\": 4}");
	fixture_warm_up(fixture, "s");
	assert_int_equal(ask(fixture, "a", &work), STUDIES_LATER);
	enqueue(fixture, 3, 0.5);
	assert_int_equal(ask(fixture, "b", &work), 0); /* nothing is left open in it: it needs no suggestion */
	assert_int_equal(work.number, STARTUP);
	fixture_do_job(fixture);
	struct assignment late;
	assert_int_equal(ask(fixture, "a", &late), 0);
	assert_string_equal(late.retry_reason, "budget");
	fixture_complete(fixture, &work, 0.5);
	assert_int_equal(fixture_study(fixture, "s").headline.state, STUDY_FINISHED);
	assert_true(fixture_query(fixture, "SELECT count(*) FROM trials") == STARTUP + 1);
}

static void a_time_budget_that_ends_meanwhile_ends_the_study(void **state)
{
	struct fixture *fixture = *state;
	struct assignment work;
	fixture_add_thinker(fixture, "s", ", \"budget\": {\"hours\": 1}");
	fixture_warm_up(fixture, "s");
	assert_int_equal(ask(fixture, "a", &work), STUDIES_LATER);
	fixture_wait(fixture, 3601000);
	assert_int_equal(fixture_study(fixture, "s").headline.state, STUDY_FINISHED);
	fixture_do_job(fixture);
	assert_int_equal(ask(fixture, "a", &work), 0);
	assert_string_equal(work.retry_reason, "finished");
}

static void drop(struct fixture *fixture, const char *name)
{
	assert_int_equal(study_table_begin(fixture->table, &fixture->error), 0);
	assert_int_equal(study_table_delete(fixture->table, name, &fixture->error), 0);
	assert_int_equal(study_table_commit(fixture->table, &fixture->error), 0);
}

static void a_study_may_be_deleted_and_made_anew_while_it_thinks(void **state)
{
	struct fixture *fixture = *state;
	struct assignment work;
	fixture_add_thinker(fixture, "s", "");
	fixture_warm_up(fixture, "s");
	assert_int_equal(ask(fixture, "a", &work), STUDIES_LATER);
	drop(fixture, "s");
	assert_int_equal(ask(fixture, "a", &work), STUDIES_NOT_FOUND);
	fixture_add_thinker(fixture, "s", "");
	assert_int_equal(ask(fixture, "b", &work), 0);
	assert_int_equal(work.number, 0);
	fixture_do_job(fixture); /* of the old one */
	assert_int_equal(ask(fixture, "c", &work), 0);
	assert_int_equal(work.number, 1);
}

static void a_point_queued_meanwhile_takes_the_number_and_the_suggestion_is_made_anew(void **state)
{
	struct fixture *fixture = *state;
	struct assignment work;
	fixture_add_thinker(fixture, "s", "");
	fixture_warm_up(fixture, "s");
	assert_int_equal(ask(fixture, "a", &work), STUDIES_LATER);
	enqueue(fixture, 4, (double)NAN);
	fixture_do_job(fixture);
	assert_int_equal(ask(fixture, "a", &work), STUDIES_LATER); /* now for the queued one */
	fixture_do_job(fixture);
	assert_int_equal(ask(fixture, "a", &work), 0);
	assert_int_equal(work.number, STARTUP);
	assert_non_null(strstr(work.params_json, "\"n\":4"));
	assert_int_equal(ask(fixture, "b", &work), STUDIES_LATER);
	fixture_do_job(fixture);
	assert_int_equal(ask(fixture, "b", &work), 0);
	assert_int_equal(work.number, STARTUP + 1);
}

static void what_nobody_takes_in_the_turn_after_is_dropped(void **state)
{
	struct fixture *fixture = *state;
	struct assignment work;
	fixture_add_thinker(fixture, "s", "");
	fixture_warm_up(fixture, "s");
	struct assignment out = fixture_ask(fixture, "s", "a", "a");
	assert_int_equal(ask(fixture, "b", &work), STUDIES_LATER);
	fixture_do_job(fixture);
	fixture_complete(fixture, &out, 0.7); /* a turn without the ask */
	assert_int_equal(ask(fixture, "b", &work), STUDIES_LATER);
	assert_int_equal(fixture->job_count, 1);
}

static void somebody_who_writes_all_the_time_does_not_keep_a_study_from_going_on(void **state)
{
	struct fixture *fixture = *state;
	struct assignment work;
	fixture_add_thinker(fixture, "s", "");
	fixture_warm_up(fixture, "s");
	for (int i = 0; i < 3; i++) {
		char sql[120];
		assert_int_equal(ask(fixture, "a", &work), STUDIES_LATER);
		snprintf(sql, sizeof sql,
		        "INSERT INTO study_user_attributes (study_id, key, value_json) VALUES (1, 'k%d', '1')", i);
		fixture_sql(fixture, sql);
		assert_int_equal(
		        fixture_try_ask(fixture, "s", "a", "", &work), 0); /* on the spot, on memory built anew */
		fixture_complete(fixture, &work, 0.5);
		fixture_do_job(fixture); /* of a memory that is gone */
	}
	assert_int_equal(fixture_study(fixture, "s").headline.counts[TRIAL_COMPLETE], STARTUP + 3);
}

static void a_job_that_never_ran_is_begun_again(void **state)
{
	struct fixture *fixture = *state;
	struct assignment work;
	fixture_add_thinker(fixture, "s", "");
	fixture_warm_up(fixture, "s");
	assert_int_equal(ask(fixture, "a", &work), STUDIES_LATER);
	fixture_drop_job(fixture);
	assert_int_equal(ask(fixture, "a", &work), STUDIES_LATER);
	fixture_do_job(fixture);
	assert_int_equal(ask(fixture, "a", &work), 0);
}

static void a_worker_for_any_study_waits_for_the_one_whose_turn_it_is(void **state)
{
	struct fixture *fixture = *state;
	struct assignment work;
	fixture_add_thinker(fixture, "s", "");
	fixture_warm_up(fixture, "s");
	fixture_add(fixture, "quick", "");
	struct assignment out = fixture_ask(fixture, "quick", "z", "");
	assert_int_equal(fixture_try_ask(fixture, NULL, "a", "", &work), STUDIES_LATER); /* s has the fewest out */
	fixture_do_job(fixture);
	assert_int_equal(fixture_try_ask(fixture, NULL, "a", "", &work), 0);
	assert_string_equal(work.study, "s");
	assert_int_equal(fixture_try_ask(fixture, NULL, "b", "", &work), 0);
	assert_string_equal(work.study, "quick");
	fixture_complete(fixture, &out, 0.5);
}

static void a_space_that_is_used_up_ends_the_study_also_when_a_job_finds_out(void **state)
{
	struct fixture *fixture = *state;
	struct assignment work;
	bool created;
	const char *json =
	        "{\"name\": \"s\", \"method\": \"brute_force\", \"metric\": {\"name\": \"f1\", \"goal\": \"maximize\"},"
	        " \"parameters\": {\"a\": {\"values\": [\"x\", \"y\"]},"
	        " \"b\": {\"min\": 1, \"max\": 2, \"when\": {\"a\": \"x\"}}}}";
	assert_int_equal(fixture_try_add(fixture, json, false, &created), 0);
	fixture->takes_jobs = true;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(ask(fixture, "a", &work), STUDIES_LATER);
		fixture_do_job(fixture);
		assert_int_equal(ask(fixture, "a", &work), 0);
		fixture_complete(fixture, &work, 0.5);
	}
	assert_int_equal(ask(fixture, "a", &work), STUDIES_LATER);
	fixture_do_job(fixture);
	assert_int_equal(ask(fixture, "a", &work), 0);
	assert_string_equal(work.retry_reason, "finished");
	assert_string_equal(fixture_study(fixture, "s").headline.reason, "exhausted");
}

static void a_point_that_fails_after_all_were_handed_out_is_offered_again(void **state)
{
	static const char *const methods[] = {"grid", "brute_force"};
	struct fixture *fixture = *state;
	for (size_t i = 0; i < 2; i++) {
		const char *const study = methods[i];
		struct assignment work[3];
		enum trial_state end;
		bool created;
		char json[300];
		snprintf(json, sizeof json,
		        "{\"name\": \"%s\", \"method\": \"%s\", \"metric\": {\"name\": \"f1\", \"goal\": "
		        "\"maximize\"}, \"parameters\": {\"a\": {\"values\": [1, 2]}}}",
		        study, study);
		assert_int_equal(fixture_try_add(fixture, json, false, &created), 0);
		for (size_t k = 0; k < 3; k++)
			work[k] = fixture_ask(fixture, study, "a", "");
		assert_string_equal(work[2].retry_reason, "waiting");
		assert_int_equal(fixture_tell(fixture, &work[0], RUN_FAILED, 0, &end), 0);
		struct assignment again = fixture_ask(fixture, study, "a", "");
		assert_int_equal(again.number, 2);
		fixture_complete(fixture, &work[1], 0.5);
		fixture_complete(fixture, &again, 0.5);
		assert_string_equal(fixture_ask(fixture, study, "a", "").retry_reason, "finished");
	}
}

static void two_studies_think_at_the_same_time(void **state)
{
	struct fixture *fixture = *state;
	struct assignment work;
	fixture_add_thinker(fixture, "s", "");
	fixture_add_thinker(fixture, "t", "");
	fixture_warm_up(fixture, "s");
	fixture_warm_up(fixture, "t");
	assert_int_equal(ask(fixture, "a", &work), STUDIES_LATER);
	assert_int_equal(fixture_try_ask(fixture, "t", "b", "b", &work), STUDIES_LATER);
	assert_int_equal(fixture->job_count, 2);
	fixture_do_job(fixture);
	assert_int_equal(fixture_try_ask(fixture, "t", "b", "b", &work), STUDIES_LATER);
	fixture_do_job(fixture);
	assert_int_equal(fixture_try_ask(fixture, "t", "b", "b", &work), 0);
}

/* A suggestion under way, a result meanwhile, the job back, the ask. Negative: something failed. */
static int think(struct fixture *fixture, const struct assignment *out, double value)
{
	struct ask_request ask = {.study = "s", .worker = "a", .session = "a", .software = "test", .key = ""};
	struct tell_request tell = {
	        .claim = {out->run_id, out->lease}, .state = RUN_COMPLETE, .value = {.given = true, .value = value}};
	struct ask_answer work;
	struct tell_answer end;
	int rc = 0;
	for (int turn = 0; rc == 0 && turn < 3; turn++) {
		rc = study_table_begin(fixture->table, &fixture->error);
		if (rc == 0)
			rc = turn == 1 ? study_table_tell(&end, fixture->table, &tell, &fixture->error)
			               : study_table_ask(&work, fixture->table, &ask, &fixture->arena, &fixture->error);
		rc = rc == STUDIES_LATER ? 0 : rc;
		int committed = study_table_commit(fixture->table, &fixture->error);
		rc = rc ? rc : committed;
		if (turn == 1)
			while (fixture->job_count > 0)
				fixture_do_job(fixture);
	}
	return rc;
}

static void without_memory_nothing_is_lost_that_was_acknowledged(void **state)
{
	struct fixture *fixture = *state;
	fixture_add_thinker(fixture, "s", "");
	fixture_warm_up(fixture, "s");
	bool failed_once = false, happened = true;
	for (long n = 1; happened; n += 3) {
		struct assignment out = fixture_ask(fixture, "s", "b", "");
		memory_fault_after(n);
		int rc = think(fixture, &out, 0.5);
		happened = memory_fault_happened();
		memory_fault_after(0);
		failed_once = failed_once || (happened && rc < 0);
		while (fixture->job_count > 0)
			fixture_do_job(fixture);
		struct study_summary study = fixture_study(fixture, "s");
		assert_true(fixture_query(fixture, "SELECT count(*) FROM trials WHERE state = 'COMPLETE'") ==
		            (double)study.headline.counts[TRIAL_COMPLETE]);
		fixture_sql(fixture,
		        "UPDATE trials SET state = 'FAIL' WHERE state = 'RUNNING'"); /* the next round is clean */
	}
	assert_true(failed_once);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(an_ask_waits_for_its_suggestion_and_then_gets_it),
	        TEST(a_study_whose_suggestions_are_jobs_makes_the_same_choices_and_goes_on_the_same_after_a_restart),
	        TEST(work_goes_on_while_a_suggestion_is_under_way_and_counts_for_the_next),
	        TEST(a_lost_fold_is_handed_out_while_a_suggestion_is_under_way),
	        TEST(a_paused_or_stopped_study_takes_no_suggestion),
	        TEST(a_study_that_reaches_its_target_meanwhile_takes_no_suggestion),
	        TEST(a_budget_that_is_used_up_meanwhile_is_not_overdrawn),
	        TEST(a_time_budget_that_ends_meanwhile_ends_the_study),
	        TEST(a_study_may_be_deleted_and_made_anew_while_it_thinks),
	        TEST(a_point_queued_meanwhile_takes_the_number_and_the_suggestion_is_made_anew),
	        TEST(what_nobody_takes_in_the_turn_after_is_dropped),
	        TEST(somebody_who_writes_all_the_time_does_not_keep_a_study_from_going_on),
	        TEST(a_job_that_never_ran_is_begun_again),
	        TEST(a_worker_for_any_study_waits_for_the_one_whose_turn_it_is),
	        TEST(a_space_that_is_used_up_ends_the_study_also_when_a_job_finds_out),
	        TEST(a_point_that_fails_after_all_were_handed_out_is_offered_again),
	        TEST(two_studies_think_at_the_same_time),
	        TEST(without_memory_nothing_is_lost_that_was_acknowledged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
