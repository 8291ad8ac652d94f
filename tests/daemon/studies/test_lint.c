/* What a study is warned of by its results: the sentence comes with the evidence, and not before
 * there is enough. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "daemon/studies/table_work.h"
#include "schema/api/study.h"
#include "schema/api/work.h"
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

/* The warning with these words, or NULL. */
static const char *warning(struct fixture *fixture, const char *study, const char *words)
{
	struct study_summary summary = fixture_study(fixture, study);
	for (size_t i = 0; i < summary.warnings.count; i++)
		if (strstr(summary.warnings.items[i], words))
			return summary.warnings.items[i];
	return NULL;
}

static double parameter(const struct assignment *work, const char *name)
{
	cJSON *params = cJSON_Parse(work->params_json);
	double value = cJSON_GetNumberValue(cJSON_GetObjectItem(params, name));
	cJSON_Delete(params);
	return value;
}

#define GRID                                                                                                           \
	"{\"name\":\"g\",\"method\":\"grid\",\"metric\":{\"name\":\"f1\",\"goal\":\"maximize\"},\"parameters\":{"      \
	"\"used\":{\"values\":[1,2,3,4]},\"idle\":{\"values\":[1,2,3]}}}"

/* Walks the grid; the parameter `idle` counts `effect`. */
static void walk_grid(struct fixture *fixture, double effect)
{
	assert_int_equal(fixture_try_add(fixture, GRID, false, &(bool){false}), 0);
	for (int i = 0; i < 12; i++) {
		struct assignment work = fixture_ask(fixture, "g", "a", "");
		if (i < 10)
			assert_null(warning(fixture, "g", "differ in"));
		fixture_complete(fixture, &work, parameter(&work, "used") + effect * parameter(&work, "idle"));
	}
}

static void a_parameter_that_never_changes_the_result_is_named(void **state)
{
	walk_grid(*state, 0);
	assert_string_equal(warning(*state, "g", "differ in"),
	        "12 pairs of trials differ in idle only, and each pair has one result: does the program use it?");
}

static void a_parameter_with_a_small_effect_is_not_named(void **state)
{
	walk_grid(*state, 1e-9);
	assert_null(warning(*state, "g", "differ in"));
}

/* 10 random trials around 0.5, then 50 around `later`. */
static void search(struct fixture *fixture, double later)
{
	fixture_add(fixture, "s", "");
	for (int i = 0; i < 60; i++) {
		struct assignment work = fixture_ask(fixture, "s", "a", "");
		fixture_complete(fixture, &work, (i < 10 ? 0.5 : later) + 0.01 * (i % 7));
	}
}

static void a_sampler_that_does_worse_than_its_random_start_is_told(void **state)
{
	search(*state, 0.4);
	const char *said = warning(*state, "s", "random ones before");
	assert_non_null(said);
	assert_non_null(strstr(said, "the last 50 trials that tpe chose are worse than the 10 random ones"));
}

static void a_sampler_that_does_as_well_or_better_is_left_alone(void **state)
{
	search(*state, 0.5);
	assert_null(warning(*state, "s", "random ones before"));
}

static void ask_as(struct fixture *fixture, const char *worker, const char *software)
{
	struct ask_request ask = {.study = "s", .worker = worker, .session = worker, .software = software, .key = ""};
	struct ask_answer answer;
	assert_int_equal(study_table_begin(fixture->table, &fixture->error), 0);
	assert_int_equal(study_table_ask(&answer, fixture->table, &ask, &fixture->arena, &fixture->error), 0);
	assert_int_equal(study_table_commit(fixture->table, &fixture->error), 0);
}

static void runs_of_two_versions_are_said_also_after_a_restart(void **state)
{
	struct fixture *fixture = *state;
	fixture_add(fixture, "s", "");
	ask_as(fixture, "a", "kre-search 0.1.0");
	ask_as(fixture, "b", "my-script 2");
	ask_as(fixture, "c", "kre-search 0.1.0");
	assert_null(warning(fixture, "s", "two versions"));
	ask_as(fixture, "d", "kre-search 0.2.0");
	ask_as(fixture, "e", "kre-search 0.3.0");
	for (int i = 0; i < 2; i++) {
		const char *said = warning(fixture, "s", "two versions");
		assert_non_null(said);
		assert_string_equal(said, "its runs were made with kre-search 0.1.0 and kre-search 0.2.0: scores of "
		                          "two versions may differ");
		fixture_restart(fixture);
	}
}

int main(void)
{
#define SENTENCE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	        SENTENCE(a_parameter_that_never_changes_the_result_is_named),
	        SENTENCE(a_parameter_with_a_small_effect_is_not_named),
	        SENTENCE(a_sampler_that_does_worse_than_its_random_start_is_told),
	        SENTENCE(a_sampler_that_does_as_well_or_better_is_left_alone),
	        SENTENCE(runs_of_two_versions_are_said_also_after_a_restart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
