/* Judgements of parameters as jobs: what they rest on, who waits, and what becomes of them. The test decides when a job comes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/studies/importance_job.h"
#include "daemon/studies/job.h"
#include "daemon/studies/study_table.h"
#include "daemon/studies/table_importance.h"
#include "daemon/studies/table_studies.h"
#include "schema/api/work.h"
#include "tests/daemon/studies/fixture.h"

enum { STARTUP = FIXTURE_STARTUP };

static int setup(void **state)
{
	static struct fixture fixture;
	fixture_init(&fixture);
	fixture_add_thinker(&fixture, "s", "");
	fixture_warm_up(&fixture, "s");
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	fixture_finish(*state);
	return 0;
}

static int judge(struct fixture *fixture, struct importance_job **importance, struct importance_summary *out)
{
	struct importance_request question = {.study = "s", .method = "fanova", .importance = importance};
	return study_table_importance(fixture->table, &question, out, &fixture->arena, &fixture->error);
}

static void an_importance_job_is_a_job_on_the_trials_of_its_beginning(void **state)
{
	struct fixture *fixture = *state;
	struct importance_job *first = NULL, *second = NULL;
	struct importance_summary summary, now;
	struct assignment work;
	assert_int_equal(
	        fixture_try_ask(fixture, "s", "a", "a", &work), STUDIES_LATER); /* also while the history is lent */
	assert_int_equal(judge(fixture, &first, &summary), STUDIES_LATER);
	assert_true(study_job_is_long(fixture->jobs[1]) && !study_job_is_long(fixture->jobs[0]));
	assert_int_equal(judge(fixture, &second, &summary), STUDIES_LATER);
	assert_null(second); /* one at a time */
	struct importance_request question = {.study = "s", .method = "fanova"};
	assert_int_equal(study_table_importance(fixture->table, &question, &now, &fixture->arena, &fixture->error), 0);
	fixture_do_job(fixture);
	assert_int_equal(fixture_try_ask(fixture, "s", "a", "a", &work), 0);
	fixture_complete(fixture, &work, 0.99);
	fixture_do_job(fixture);
	assert_int_equal(judge(fixture, &first, &summary), 0);
	assert_int_equal(summary.trial_count, STARTUP);
	assert_int_equal(summary.count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_string_equal(summary.shares[i].name, now.shares[i].name);
		assert_true(summary.shares[i].share == now.shares[i].share);
	}
	study_importance_job_destroy(first);
	assert_int_equal(judge(fixture, &second, &summary), STUDIES_LATER);
	fixture_do_job(fixture);
	assert_int_equal(judge(fixture, &second, &summary), 0);
	assert_int_equal(summary.trial_count, STARTUP + 1);
	study_importance_job_destroy(second);
}

static void an_importance_job_outlives_its_owner_and_its_study(void **state)
{
	struct fixture *fixture = *state;
	struct importance_job *first = NULL, *second = NULL;
	struct importance_summary summary;
	assert_int_equal(judge(fixture, &first, &summary), STUDIES_LATER);
	study_importance_job_destroy(first);
	assert_int_equal(judge(fixture, &second, &summary), STUDIES_LATER);
	fixture_do_job(fixture);
	assert_int_equal(judge(fixture, &second, &summary), STUDIES_LATER);
	assert_int_equal(study_table_begin(fixture->table, &fixture->error), 0);
	assert_int_equal(study_table_delete(fixture->table, "s", &fixture->error), 0);
	assert_int_equal(study_table_commit(fixture->table, &fixture->error), 0);
	fixture_do_job(fixture);
	assert_int_equal(judge(fixture, &second, &summary), STUDIES_NOT_FOUND);
	study_importance_job_destroy(second);
}

static void an_importance_job_that_never_ran_is_begun_again(void **state)
{
	struct fixture *fixture = *state;
	struct importance_job *importance = NULL;
	struct importance_summary summary;
	assert_int_equal(judge(fixture, &importance, &summary), STUDIES_LATER);
	fixture_drop_job(fixture);
	assert_int_equal(judge(fixture, &importance, &summary), STUDIES_LATER);
	fixture_do_job(fixture);
	assert_int_equal(judge(fixture, &importance, &summary), 0);
	study_importance_job_destroy(importance);
}

static void an_importance_job_that_nobody_takes_is_made_on_the_spot(void **state)
{
	struct fixture *fixture = *state;
	struct importance_job *importance = NULL;
	struct importance_summary summary;
	struct importance_request question = {.study = "s", .method = "fanova", .importance = &importance};
	fixture->takes_jobs = false;
	assert_int_equal(
	        study_table_importance(fixture->table, &question, &summary, &fixture->arena, &fixture->error), 0);
	assert_int_equal(summary.trial_count, STARTUP);
	assert_null(importance);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(an_importance_job_is_a_job_on_the_trials_of_its_beginning),
	        TEST(an_importance_job_outlives_its_owner_and_its_study),
	        TEST(an_importance_job_that_never_ran_is_begun_again),
	        TEST(an_importance_job_that_nobody_takes_is_made_on_the_spot),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
