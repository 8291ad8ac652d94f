#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "daemon/samplers/history.h"
#include "daemon/samplers/importance/importance.h"
#include "schema/base/memory.h"
#include "schema/base/rng.h"
#include "schema/space/json.h"
#include "tests/daemon/golden.h"
#include "tests/daemon/samplers/importance/place.h"

#define PARAMS_MAX 16

/* A study of a golden file. */
struct case_study {
	struct space *space;
	struct objective objectives[2];
	struct history *history;
};

static void read_point(double *point, const struct space *space, const cJSON *columns, int row)
{
	for (size_t p = 0; p < space->count; p++)
		point[p] = golden_number(cJSON_GetArrayItem(cJSON_GetObjectItem(columns, space->params[p].name), row));
}

static void read_study(struct case_study *out, const cJSON *test)
{
	const cJSON *directions = cJSON_GetObjectItem(test, "directions"), *values;
	size_t objective_count = (size_t)cJSON_GetArraySize(directions);
	*out = (struct case_study){.space = golden_space(cJSON_GetObjectItem(test, "space"))};
	assert_non_null(out->space);
	assert_true(out->space->count <= PARAMS_MAX && objective_count <= 2);
	for (size_t k = 0; k < objective_count; k++) {
		const char *word = cJSON_GetStringValue(cJSON_GetArrayItem(directions, (int)k));
		out->objectives[k] =
		        (struct objective){"value", *word == 'm' && word[1] == 'a' ? MAXIMIZE : MINIMIZE, NAN};
	}
	assert_int_equal(history_create(&out->history, out->space, out->objectives, objective_count), 0);
	int row = 0;
	cJSON_ArrayForEach (values, cJSON_GetObjectItem(test, "values")) {
		double point[PARAMS_MAX], told[2];
		read_point(point, out->space, cJSON_GetObjectItem(test, "columns"), row);
		assert_int_equal(golden_numbers(told, 2, values), objective_count);
		assert_int_equal(history_start(out->history, row, point), 0);
		history_finish(out->history, row++, TRIAL_COMPLETE, told, 0);
	}
}

static void finish_study(struct case_study *study)
{
	history_destroy(study->history);
	space_destroy(study->space);
}

static void shares_are_those_of_optuna(void **state)
{
	(void)state;
	cJSON *root = golden_read(IMPORTANCE_JSON);
	assert_non_null(root);
	struct tally tally = {0};
	const cJSON *test, *share;
	cJSON_ArrayForEach (test, cJSON_GetObjectItem(root, "ped_anova")) {
		struct case_study study;
		double shares[PARAMS_MAX];
		size_t count, objective = (size_t)json_double(test, "objective", -1);
		if (cJSON_IsNull(cJSON_GetObjectItem(test, "objective")))
			objective = OBJECTIVE_ALL;
		struct importance_question question = {importance_find("ped_anova"), objective, 0};
		read_study(&study, test);
		assert_int_equal(importance_judge(shares, &count, study.history, &question), 0);
		cJSON_ArrayForEach (share, cJSON_GetObjectItem(test, "shares")) {
			char what[128];
			snprintf(what, sizeof what, "%s: %s", json_string(test, "name", "?"), share->string);
			tally_compare(&tally, what, shares[space_find(study.space, share->string)],
			        golden_number(share), 1e-9);
		}
		finish_study(&study);
	}
	cJSON_Delete(root);
	assert_int_equal(tally.failed, 0);
	assert_true(tally.passed > 40);
}

/* Both forests are random, so the shares agree in size and order only. */
static void a_forest_agrees_with_that_of_optuna(void **state)
{
	(void)state;
	cJSON *root = golden_read(IMPORTANCE_JSON);
	assert_non_null(root);
	size_t compared = 0;
	const cJSON *test, *share;
	cJSON_ArrayForEach (test, cJSON_GetObjectItem(root, "fanova")) {
		struct case_study study;
		double shares[PARAMS_MAX], before = 1;
		size_t count;
		struct importance_question question = {importance_find("fanova"), 0, 1};
		read_study(&study, test);
		assert_int_equal(importance_judge(shares, &count, study.history, &question), 0);
		cJSON_ArrayForEach (share, cJSON_GetObjectItem(test, "shares")) /* falling */
		{
			double ours = shares[space_find(study.space, share->string)];
			assert_true(fabs(ours - golden_number(share)) < 0.08);
			assert_true(golden_number(share) < 0.05 || ours < before);
			before = ours;
			compared++;
		}
		finish_study(&study);
	}
	cJSON_Delete(root);
	assert_int_equal(compared, 8);
}

/* 200 trials of loss = 10·b + noise·a/10, c has no say, d exists in every second trial only. */
static void play_linear_study(struct case_study *out)
{
	struct rng rng;
	rng_init(&rng, 1, 2);
	*out = (struct case_study){.objectives = {{"loss", MINIMIZE, NAN}}};
	assert_int_equal(space_create(&out->space), 0);
	static const char *const names[] = {"a", "b", "c", "d"};
	for (size_t p = 0; p < 4; p++)
		assert_non_null(space_add_float(out->space, names[p], &(struct param_range){0, 1, 0, false}));
	assert_int_equal(space_freeze(out->space, NULL), 0);
	assert_int_equal(history_create(&out->history, out->space, out->objectives, 1), 0);
	for (int64_t number = 0; number < 200; number++) {
		double point[4];
		for (size_t p = 0; p < 4; p++)
			point[p] = rng_uniform(&rng);
		if (number % 2)
			point[3] = NAN;
		double loss = 10 * point[1] + 3 * point[0];
		assert_int_equal(history_start(out->history, number, point), 0);
		history_finish(out->history, number, TRIAL_COMPLETE, &loss, 0);
	}
}

static void a_forest_ranks_the_parameters_by_their_effect(void **state)
{
	(void)state;
	struct case_study study;
	double shares[4], again[4];
	size_t count;
	struct importance_question question = {importance_find("fanova"), 0, 7};
	play_linear_study(&study);
	assert_int_equal(importance_judge(shares, &count, study.history, &question), 0);
	assert_int_equal(importance_judge(again, &count, study.history, &question), 0);
	assert_int_equal(count, 200);
	/* the variances are 100/12 and 9/12: shares 0.917 and 0.083 */
	assert_true(fabs(shares[1] - 0.917) < 0.03);
	assert_true(fabs(shares[0] - 0.083) < 0.03);
	assert_true(shares[2] < 0.01);
	assert_true(isnan(shares[3]));
	assert_memory_equal(shares, again, 3 * sizeof *shares);
	finish_study(&study);
}

static void a_forest_wants_one_objective(void **state)
{
	(void)state;
	struct case_study study = {.objectives = {{"a", MINIMIZE, NAN}, {"b", MINIMIZE, NAN}}};
	double shares[1];
	size_t count = 0;
	struct importance_question question = {importance_find("fanova"), OBJECTIVE_ALL, 0};
	assert_int_equal(space_create(&study.space), 0);
	assert_non_null(space_add_float(study.space, "x", &(struct param_range){0, 1, 0, false}));
	assert_int_equal(space_freeze(study.space, NULL), 0);
	assert_int_equal(history_create(&study.history, study.space, study.objectives, 2), 0);
	assert_true(importance_judge(shares, &count, study.history, &question) < 0);
	question.objective = 1;
	assert_int_equal(importance_judge(shares, &count, study.history, &question), 0);
	assert_int_equal(count, 0);
	assert_true(isnan(shares[0])); /* no trial to judge by */
	finish_study(&study);
}

static void a_failed_allocation_is_told(void **state)
{
	const char *const names[] = {"ped_anova", "fanova"};
	(void)state;
	struct case_study study;
	play_linear_study(&study);
	for (size_t i = 0; i < 2; i++) {
		struct importance_question question = {importance_find(names[i]), 0, 7};
		long faults = 0;
		for (long n = 1;; n++) {
			double shares[4];
			size_t count;
			memory_fault_after(n);
			int failed = importance_judge(shares, &count, study.history, &question);
			if (!memory_fault_happened())
				break;
			assert_true(failed < 0);
			faults++;
		}
		memory_fault_after(0);
		assert_true(faults >= 3);
	}
	assert_null(importance_find("gini"));
	finish_study(&study);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(shares_are_those_of_optuna),
	        cmocka_unit_test(a_forest_agrees_with_that_of_optuna),
	        cmocka_unit_test(a_forest_ranks_the_parameters_by_their_effect),
	        cmocka_unit_test(a_forest_wants_one_objective),
	        cmocka_unit_test(a_failed_allocation_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
