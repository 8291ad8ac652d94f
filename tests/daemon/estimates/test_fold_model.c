/* The model of trials and folds against numpy's numbers, and at its edges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <math.h>

#include "daemon/estimates/fold_model.h"
#include "schema/base/memory.h"
#include "tests/daemon/near.h"

struct golden_case {
	struct fold_table table;
	const double *effects;
	const double (*posterior)[2];
	double mean, trial_variance, noise_variance;
};

#include "tests/daemon/estimates/golden.h"

static void is_as_numpy_computes_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof golden_cases / sizeof *golden_cases; i++) {
		const struct golden_case *golden = &golden_cases[i];
		struct fold_model model;
		assert_int_equal(fold_model_fit(&model, &golden->table), 0);
		assert_true(model.fitted);
		assert_near(model.mean, golden->mean, 1e-12);
		assert_near(model.trial_variance, golden->trial_variance, 1e-14);
		assert_near(model.noise_variance, golden->noise_variance, 1e-14);
		for (size_t column = 0; column < golden->table.column_count; column++)
			assert_near(model.effects[column], golden->effects[column], 1e-12);
		for (size_t trial = 0; trial < golden->table.trial_count; trial++) {
			double mean, variance;
			fold_model_posterior(
			        &mean, &variance, &model, golden->table.values + trial * golden->table.column_count);
			assert_near(mean, golden->posterior[trial][0], 1e-12);
			assert_near(variance, golden->posterior[trial][1], 1e-14);
		}
		fold_model_finish(&model);
	}
}

static void nine_complete_trials_are_too_few(void **state)
{
	(void)state;
	double values[20][2];
	for (size_t i = 0; i < 20; i++) {
		values[i][0] = (double)i;
		values[i][1] = i < 9 ? (double)i : (double)NAN;
	}
	const struct fold_table table = {&values[0][0], 20, 2, 2, true};
	struct fold_model model;
	assert_int_equal(fold_model_fit(&model, &table), 0);
	assert_false(model.fitted);
	fold_model_finish(&model);
	values[9][1] = INFINITY;
	assert_int_equal(fold_model_fit(&model, &table), 0);
	assert_false(model.fitted);
	fold_model_finish(&model);
	values[9][1] = 9;
	assert_int_equal(fold_model_fit(&model, &table), 0);
	assert_true(model.fitted);
	fold_model_finish(&model);
}

/* Twenty trials that are all alike: nothing is known better than anything else, and nothing is
 * divided by 0. */
static void trials_without_any_spread_are_all_alike(void **state)
{
	(void)state;
	double values[20][3];
	for (size_t i = 0; i < 20; i++)
		values[i][0] = values[i][1] = values[i][2] = 0.5;
	struct fold_model model;
	assert_int_equal(fold_model_fit(&model, &(struct fold_table){&values[0][0], 20, 3, 3, true}), 0);
	double mean, variance;
	fold_model_posterior(&mean, &variance, &model, values[3]);
	assert_near(mean, 0.5, 1e-15);
	assert_near(variance, 0, 0);
	fold_model_finish(&model);
}

/* Most trials end where nothing is learnt, at one value: that says nothing of how the others differ. */
static void a_better_fold_counts_where_most_trials_collapsed(void **state)
{
	(void)state;
	double values[13][5], mean, variance;
	for (size_t i = 0; i < 13; i++)
		for (size_t fold = 0; fold < 5; fold++)
			values[i][fold] = i < 7 ? 0 : 0.8 + 0.01 * (double)((3 * i + 2 * fold) % 5);
	struct fold_model model;
	assert_int_equal(fold_model_fit(&model, &(struct fold_table){&values[0][0], 13, 5, 5, true}), 0);
	assert_true(model.fitted);
	fold_model_weigh(&mean, &variance, &model, &(struct fold_evidence){.value = 0.95, .count = 1});
	assert_true(mean > 0.9);
	fold_model_finish(&model);
}

static void a_forecast_counts_less_than_a_value(void **state)
{
	(void)state;
	struct fold_model model;
	assert_int_equal(fold_model_fit(&model, &golden_cases[0].table), 0);
	double sure, vague, mean, wide;
	fold_model_weigh(&sure, &mean, &model, &(struct fold_evidence){.value = 0.6, .count = 1});
	fold_model_weigh(&vague, &wide, &model, &(struct fold_evidence){.value = 0.6, .extra = 0.01, .count = 1});
	assert_true(fabs(vague - model.mean) < fabs(sure - model.mean));
	assert_true(wide > mean);
	fold_model_finish(&model);
}

static void memory_may_run_out(void **state)
{
	(void)state;
	for (long nth = 1; nth <= 3; nth++) {
		struct fold_model model;
		memory_fault_after(nth);
		assert_int_equal(fold_model_fit(&model, &golden_cases[0].table), -ENOMEM);
		memory_fault_after(0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(is_as_numpy_computes_it),
	        cmocka_unit_test(nine_complete_trials_are_too_few),
	        cmocka_unit_test(trials_without_any_spread_are_all_alike),
	        cmocka_unit_test(a_better_fold_counts_where_most_trials_collapsed),
	        cmocka_unit_test(a_forecast_counts_less_than_a_value),
	        cmocka_unit_test(memory_may_run_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
