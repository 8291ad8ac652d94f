/* Judgements of parameters as jobs: what they rest on, who waits, and what becomes of them. The
 * test decides when a job comes back. */
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

static int judge(struct fixture *fixture, struct importance_job **importance, struct importance_answer *out)
{
	struct importance_request question = {.study = "s", .method = "fanova"};
	struct importance_inquiry inquiry = {&question, importance};
	return study_table_importance(out, fixture->table, &inquiry, &fixture->arena, &fixture->error);
}

static void an_importance_job_is_a_job_on_the_trials_of_its_beginning(void **state)
{
	struct fixture *fixture = *state;
	struct importance_job *first = NULL, *second = NULL;
	struct importance_answer summary, now;
	struct assignment work;
	assert_int_equal(
	        fixture_try_ask(fixture, "s", "a", "a", &work), STUDIES_LATER); /* also while the history is lent */
	assert_int_equal(judge(fixture, &first, &summary), STUDIES_LATER);
	assert_true(study_job_is_long(fixture->jobs[1]) && !study_job_is_long(fixture->jobs[0]));
	assert_int_equal(judge(fixture, &second, &summary), STUDIES_LATER);
	assert_null(second); /* one at a time */
	assert_int_equal(judge(fixture, NULL, &now), 0);
	fixture_do_job(fixture);
	assert_int_equal(fixture_try_ask(fixture, "s", "a", "a", &work), 0);
	fixture_complete(fixture, &work, 0.99);
	fixture_do_job(fixture);
	assert_int_equal(judge(fixture, &first, &summary), 0);
	assert_int_equal(summary.trial_count, STARTUP);
	assert_int_equal(summary.parameters.count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_string_equal(summary.parameters.items[i].name, now.parameters.items[i].name);
		assert_true(summary.parameters.items[i].share == now.parameters.items[i].share);
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
	struct importance_answer summary;
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
	struct importance_answer summary;
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
	struct importance_answer summary;
	fixture->takes_jobs = false;
	assert_int_equal(judge(fixture, &importance, &summary), 0);
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
