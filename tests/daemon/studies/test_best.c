/* Which trial is named, and the job that works out what trials are worth. The test decides when it
 * comes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/studies/job.h"
#include "daemon/studies/study_table.h"
#include "daemon/studies/table_best.h"
#include "tests/daemon/studies/fixture.h"

/* Nothing is estimated to see whose stay. */
#define ALL_MODELS ", \"keep\": {\"models\": \"all\"}"

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

static int ask_best(struct fixture *fixture, struct study_best_answer *out)
{
	const struct study_request request = {.study = "s"};
	return study_table_best(out, fixture->table, &request, &fixture->arena, &fixture->error);
}

/* So many trials, whose value is x and something that looks like noise. */
static void run_trials(struct fixture *fixture, int count)
{
	for (int i = 0; i < count; i++) {
		struct assignment work = fixture_ask(fixture, "s", "a", "");
		fixture_complete(fixture, &work, fixture_score(&work) + 0.01 * (double)(work.seed % 7));
	}
}

static void trials_are_estimated_by_a_job_once_until_more_are_complete(void **state)
{
	struct fixture *fixture = *state;
	struct study_best_answer best;
	fixture_add(fixture, "s", ALL_MODELS);
	run_trials(fixture, 8);
	fixture->takes_jobs = true;
	assert_int_equal(ask_best(fixture, &best), STUDIES_LATER);
	assert_int_equal(ask_best(fixture, &best), STUDIES_LATER);
	assert_int_equal(fixture->job_count, 1);
	assert_true(study_job_is_long(fixture->jobs[0]));
	fixture_do_job(fixture);
	assert_int_equal(ask_best(fixture, &best), 0);
	assert_int_equal(best.basis, BASIS_CONFIGURATIONS);
	assert_true(best.named == best.leader || best.named->number == best.leader->number);
	assert_true(best.leader->low <= best.leader->mean && best.leader->mean <= best.leader->high);
	assert_int_equal(ask_best(fixture, &best), 0);
	assert_int_equal(fixture->job_count, 0);
	fixture->takes_jobs = false;
	run_trials(fixture, 1);
	fixture->takes_jobs = true;
	fixture_wait(fixture, 5000);
	assert_int_equal(ask_best(fixture, &best), STUDIES_LATER);
	fixture_do_job(fixture);
	assert_int_equal(ask_best(fixture, &best), 0);
}

static void the_job_outlives_its_study_and_is_begun_again_when_it_never_ran(void **state)
{
	struct fixture *fixture = *state;
	struct study_best_answer best;
	fixture_add(fixture, "s", ALL_MODELS);
	run_trials(fixture, 8);
	fixture->takes_jobs = true;
	assert_int_equal(ask_best(fixture, &best), STUDIES_LATER);
	fixture_drop_job(fixture);
	assert_int_equal(ask_best(fixture, &best), STUDIES_LATER);
	assert_int_equal(study_table_begin(fixture->table, &fixture->error), 0);
	assert_int_equal(study_table_delete(fixture->table, "s", &fixture->error), 0);
	assert_int_equal(study_table_commit(fixture->table, &fixture->error), 0);
	fixture_do_job(fixture);
	assert_int_equal(ask_best(fixture, &best), STUDIES_NOT_FOUND);
}

/* Who asks again and again is told what was worked out a moment ago, but not once all is known. */
static void of_a_finished_study_the_last_trial_counts_at_once(void **state)
{
	struct fixture *fixture = *state;
	struct study_best_answer best;
	fixture_add(fixture, "s", ALL_MODELS ", \"budget\": {\"trials\": 10}");
	run_trials(fixture, 9);
	assert_int_equal(ask_best(fixture, &best), 0);
	struct assignment work = fixture_ask(fixture, "s", "a", "");
	fixture_complete(fixture, &work, 5);
	assert_int_equal(ask_best(fixture, &best), 0);
	assert_string_equal(fixture_study(fixture, "s").headline.reason, "budget");
	assert_true(best.seen->number == work.number);
	assert_true(isfinite(best.seen->mean));
}

static void a_study_without_a_trial_names_none(void **state)
{
	struct fixture *fixture = *state;
	struct study_best_answer best;
	fixture_add(fixture, "s", ", \"folds\": 3, \"defaults\": {\"x\": 0.5, \"n\": 2}");
	assert_int_equal(ask_best(fixture, &best), 0);
	assert_null(best.named);
	assert_null(best.defaults);
	assert_int_equal(best.basis, BASIS_SEEN);
	run_trials(fixture, 3);
	assert_int_equal(ask_best(fixture, &best), 0);
	assert_int_equal(best.named->number, 0);
	assert_int_equal(best.defaults->number, 0);
	assert_true(isnan(best.named->mean) && isnan(best.noise));
}

static void folds_without_noise_are_what_they_say(void **state)
{
	struct fixture *fixture = *state;
	struct study_best_answer best;
	fixture_add(fixture, "s", ", \"folds\": 2, \"defaults\": {\"x\": 0.5, \"n\": 2}");
	for (int i = 0; i < 24; i++) {
		struct assignment work = fixture_ask(fixture, "s", "a", "");
		fixture_complete(fixture, &work, (double)work.number + (double)work.fold);
	}
	assert_int_equal(ask_best(fixture, &best), 0);
	assert_true(best.basis == BASIS_FOLDS || best.basis == BASIS_BOTH);
	assert_true(best.noise < 1e-9);
	assert_int_equal(best.named->number, 11);
	assert_true(best.named->beats_defaults > 0.99);
	assert_int_equal(best.seen->number, 11);
}

/* Whoever removes models as he is told still has that of the trial that is named in the end. */
static void the_model_of_the_named_trial_is_kept_where_values_are_noisy(void **state)
{
	struct fixture *fixture = *state;
	struct study_best_answer best;
	bool removed[60] = {false};
	size_t removed_count = 0;
	fixture_add(fixture, "s", ", \"keep\": {\"models\": \"best 5\"}");
	for (int i = 0; i < 60; i++) {
		struct assignment work = fixture_ask(fixture, "s", "a", "");
		double luck = (double)(work.seed % 1000) / 1000, x = atof(strstr(work.params_json, "\"x\":") + 4);
		fixture_complete(fixture, &work, 0.3 * luck - (x - 0.6) * (x - 0.6));
		const struct kept_models *kept = fixture_study(fixture, "s").keep;
		for (int64_t number = 0; kept && number < kept->before; number++) {
			bool stays = false;
			for (size_t k = 0; k < kept->numbers.count; k++)
				stays = stays || kept->numbers.items[k] == number;
			removed[number] = removed[number] || !stays;
		}
	}
	assert_int_equal(ask_best(fixture, &best), 0);
	assert_int_equal(best.basis, BASIS_CONFIGURATIONS);
	assert_false(removed[best.named->number]);
	assert_false(removed[best.seen->number]);
	for (size_t number = 0; number < 60; number++)
		removed_count += removed[number];
	assert_true(removed_count >= 25);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(trials_are_estimated_by_a_job_once_until_more_are_complete),
	        TEST(the_job_outlives_its_study_and_is_begun_again_when_it_never_ran),
	        TEST(of_a_finished_study_the_last_trial_counts_at_once),
	        TEST(a_study_without_a_trial_names_none),
	        TEST(the_model_of_the_named_trial_is_kept_where_values_are_noisy),
	        TEST(folds_without_noise_are_what_they_say),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
