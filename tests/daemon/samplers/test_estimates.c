/* Trials estimated by a Gaussian process over their configurations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <math.h>

#include "daemon/samplers/estimates.h"
#include "schema/base/memory.h"
#include "schema/base/rng.h"
#include "schema/space/space.h"
#include "tests/daemon/near.h"
#include "tests/daemon/samplers/trial_run.h"

#define COUNT 24

struct shown {
	struct objective objective;
	struct space *space;
	struct history *history;
};

static void begin(struct shown *shown, enum direction direction)
{
	*shown = (struct shown){.objective = {"value", direction, (double)NAN}};
	assert_int_equal(space_create(&shown->space), 0);
	space_add_float(shown->space, "x", &(struct param_range){0, 1, 0, false});
	assert_int_equal(space_freeze(shown->space, NULL), 0);
	assert_int_equal(history_create(&shown->history, shown->space, &shown->objective, 1), 0);
}

static void end(struct shown *shown)
{
	history_destroy(shown->history);
	space_destroy(shown->space);
}

static void show(struct shown *shown, int64_t number, double x, double value)
{
	assert_int_equal(history_start(shown->history, number, &x), 0);
	history_finish(shown->history, number, TRIAL_COMPLETE, &value, 0);
}

static size_t index_of(const struct estimates *estimates, int64_t number)
{
	size_t i = 0;
	while (i < estimates->count && estimates->numbers[i] != number)
		i++;
	assert_true(i < estimates->count);
	return i;
}

/* A hill at 0.6 with noise of 0.05, and a trial far down the hill that was lucky. */
static void show_hill(struct shown *shown, double sign)
{
	struct rng rng;
	rng_init(&rng, 5, 0);
	for (int64_t number = 0; number < COUNT; number++) {
		double x = ((double)number + 0.5) / COUNT;
		show(shown, number, x, sign * (1 - 4 * pow(x - 0.6, 2) + 0.05 * rng_normal(&rng)));
	}
	show(shown, COUNT, 0.26, sign * 1.12);
}

static void the_lucky_trial_is_not_the_one_to_name(void **state)
{
	(void)state;
	for (int minimize = 0; minimize < 2; minimize++) {
		struct shown shown;
		struct estimates estimates;
		double sign = minimize ? -1 : 1;
		begin(&shown, minimize ? MINIMIZE : MAXIMIZE);
		show_hill(&shown, sign);
		assert_int_equal(estimates_make(&estimates, shown.history, NULL), 0);
		size_t best = estimates_best(&estimates, shown.history), lucky = index_of(&estimates, COUNT);
		assert_true(fabs(((double)estimates.numbers[best] + 0.5) / COUNT - 0.6) < 0.15);
		assert_true(sign * estimates.means[lucky] < 0.9);
		assert_true(estimates.noise > 0.01 && estimates.noise < 0.3);
		estimates_finish(&estimates);
		end(&shown);
	}
}

static void equal_configurations_are_estimated_alike_and_as_one(void **state)
{
	(void)state;
	struct shown shown;
	struct estimates estimates;
	begin(&shown, MAXIMIZE);
	show_hill(&shown, 1);
	show(&shown, 90, 0.4, 1.0);
	show(&shown, 91, 0.4, 0.7);
	assert_int_equal(estimates_make(&estimates, shown.history, NULL), 0);
	size_t a = index_of(&estimates, 90), b = index_of(&estimates, 91), n = estimates.count;
	assert_int_equal(n, COUNT + 3);
	assert_near(estimates.means[a], estimates.means[b], 1e-9);
	assert_near(estimates.covariance[a * n + b], estimates.covariance[a * n + a], 1e-9);
	for (size_t i = 0; i < n; i++) {
		assert_true(estimates.covariance[i * n + i] >= 0);
		for (size_t j = 0; j < i; j++)
			assert_near(estimates.covariance[i * n + j], estimates.covariance[j * n + i], 1e-9);
	}
	estimates_finish(&estimates);
	end(&shown);
}

static void of_two_values_the_one_measured_better_counts_for_more(void **state)
{
	(void)state;
	static const double variances[2][2] = {{1e-4, 1e-2}, {1e-2, 1e-4}};
	double means[2];
	for (size_t k = 0; k < 2; k++) {
		struct shown shown;
		struct estimates estimates;
		begin(&shown, MAXIMIZE);
		show_hill(&shown, 1);
		for (int64_t number = 0; number <= COUNT; number++)
			history_estimate(shown.history, number, (double)NAN, 2.5e-3);
		show(&shown, 90, 0.4, 1.0);
		show(&shown, 91, 0.4, 0.7);
		history_estimate(shown.history, 90, (double)NAN, variances[k][0]);
		history_estimate(shown.history, 91, (double)NAN, variances[k][1]);
		assert_int_equal(estimates_make(&estimates, shown.history, NULL), 0);
		means[k] = estimates.means[index_of(&estimates, 90)];
		estimates_finish(&estimates);
		end(&shown);
	}
	assert_true(means[0] > 0.9 && means[1] < 0.8);
}

/* Rows of a table have luck that stays: nobody said that all noise is chance. */
static void a_part_of_the_noise_stays_with_the_trial_unless_it_was_measured(void **state)
{
	(void)state;
	struct shown shown;
	struct estimates guessed, told;
	begin(&shown, MAXIMIZE);
	show_hill(&shown, 1);
	assert_int_equal(estimates_make(&guessed, shown.history, NULL), 0);
	for (int64_t number = 0; number <= COUNT; number++)
		history_estimate(shown.history, number, (double)NAN, pow(guessed.noise, 2) / 0.75);
	assert_int_equal(estimates_make(&told, shown.history, NULL), 0);
	const size_t lucky = index_of(&guessed, COUNT);
	assert_true(guessed.means[lucky] > told.means[index_of(&told, COUNT)] + 0.02);
	assert_true(guessed.means[lucky] < 0.9);
	estimates_finish(&guessed);
	estimates_finish(&told);
	end(&shown);
}

/* Losses from 1 to 10⁵, each with an error of a fifth. */
static void a_loss_that_is_far_behind_cannot_be_the_least_for_its_error(void **state)
{
	(void)state;
	struct shown shown;
	struct estimates estimates;
	struct rng rng;
	rng_init(&rng, 3, 0);
	begin(&shown, MINIMIZE);
	for (int64_t number = 0; number < COUNT; number++) {
		const double x = ((double)number + 0.5) / COUNT;
		show(&shown, number, x, exp(12 * x + 0.2 * rng_normal(&rng)));
	}
	assert_int_equal(estimates_make(&estimates, shown.history, NULL), 0);
	const size_t worst = index_of(&estimates, COUNT - 1), first = index_of(&estimates, 0), n = estimates.count;
	const double behind = estimates.means[worst] - estimates.means[first];
	assert_true(behind > 8 * sqrt(estimates.covariance[worst * n + worst]));
	estimates_finish(&estimates);
	end(&shown);
}

static void what_a_stopped_trial_is_worth_is_learnt_from_and_not_named(void **state)
{
	(void)state;
	struct shown shown;
	struct estimates before, after;
	double x = 0.6;
	begin(&shown, MAXIMIZE);
	show_hill(&shown, 1);
	assert_int_equal(estimates_make(&before, shown.history, NULL), 0);
	for (int64_t number = 60; number < 64; number++) {
		assert_int_equal(history_start(shown.history, number, &x), 0);
		history_finish(shown.history, number, TRIAL_PRUNED, NULL, 0);
		history_estimate(shown.history, number, 0.2, 1e-3);
	}
	assert_int_equal(estimates_make(&after, shown.history, NULL), 0);
	assert_int_equal(after.count, before.count);
	size_t top = index_of(&before, 14);
	assert_true(after.means[index_of(&after, 14)] < before.means[top] - 0.05);
	estimates_finish(&before);
	estimates_finish(&after);
	end(&shown);
}

static void what_is_infeasible_or_no_number_cannot_be_named(void **state)
{
	(void)state;
	struct shown shown;
	struct estimates estimates;
	double x = 0.6, value = 5, none = (double)NAN;
	begin(&shown, MAXIMIZE);
	show_hill(&shown, 1);
	assert_int_equal(history_start(shown.history, 50, &x), 0);
	history_finish(shown.history, 50, TRIAL_COMPLETE, &value, 0.5);
	assert_int_equal(history_start(shown.history, 51, &x), 0);
	history_finish(shown.history, 51, TRIAL_COMPLETE, &none, 0);
	assert_int_equal(estimates_make(&estimates, shown.history, NULL), 0);
	assert_int_equal(estimates.count, COUNT + 1);
	estimates_finish(&estimates);
	end(&shown);
}

/* What a trial is worth is known by values: those of infeasible ones too, and nothing that runs,
 * failed or was stopped without a word. */
static void what_has_no_value_changes_no_estimate(void **state)
{
	(void)state;
	static const enum trial_state ends[] = {TRIAL_RUNNING, TRIAL_FAILED, TRIAL_PRUNED};
	struct shown shown;
	struct estimates before, after;
	begin(&shown, MAXIMIZE);
	show_hill(&shown, 1);
	assert_int_equal(estimates_make(&before, shown.history, NULL), 0);
	for (int64_t i = 0; i < 30; i++) {
		const double x = (double)i / 30;
		assert_int_equal(history_start(shown.history, 100 + i, &x), 0);
		if (ends[i % 3] != TRIAL_RUNNING)
			history_finish(shown.history, 100 + i, ends[i % 3], NULL, 0);
	}
	assert_int_equal(estimates_make(&after, shown.history, NULL), 0);
	assert_int_equal(after.count, before.count);
	assert_memory_equal(after.means, before.means, before.count * sizeof *before.means);
	assert_memory_equal(
	        after.covariance, before.covariance, before.count * before.count * sizeof *before.covariance);
	estimates_finish(&before);
	estimates_finish(&after);
	end(&shown);
}

static void infeasible_trials_are_no_cliff_beside_the_feasible_ones(void **state)
{
	(void)state;
	struct shown all, bounded;
	struct estimates free_of_bounds, within;
	begin(&all, MAXIMIZE);
	begin(&bounded, MAXIMIZE);
	show_hill(&all, 1);
	for (size_t row = 0; row < COUNT; row++) {
		const double x = ((double)row + 0.5) / COUNT, value = 1 - 4 * pow(x - 0.6, 2);
		show(&all, (int64_t)row, x, value);
		assert_int_equal(history_start(bounded.history, (int64_t)row, &x), 0);
		history_finish(bounded.history, (int64_t)row, TRIAL_COMPLETE, &value, x > 0.5 ? 1 : 0);
	}
	history_remove(all.history, COUNT);
	assert_int_equal(estimates_make(&free_of_bounds, all.history, NULL), 0);
	assert_int_equal(estimates_make(&within, bounded.history, NULL), 0);
	assert_int_equal(within.count, COUNT / 2);
	const size_t last = COUNT / 2 - 1;
	assert_near(within.means[index_of(&within, (int64_t)last)],
	        free_of_bounds.means[index_of(&free_of_bounds, (int64_t)last)], 1e-9);
	estimates_finish(&free_of_bounds);
	estimates_finish(&within);
	end(&all);
	end(&bounded);
}

/* The hyperparameters are fitted to 80 of them, which have to be as the others are: accidents among
 * the rest may not lift an estimate above all that is possible. */
static void of_many_trials_those_fitted_are_as_the_others(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 4; seed++) {
		struct shown shown = {.objective = {"value", MAXIMIZE, (double)NAN}, .space = trial_run_square()};
		struct estimates estimates;
		struct rng rng;
		rng_init(&rng, seed, 0);
		assert_int_equal(history_create(&shown.history, shown.space, &shown.objective, 1), 0);
		for (int64_t number = 0; number < 132; number++) {
			const double point[] = {rng_uniform(&rng), rng_uniform(&rng)};
			const double hill = 0.9 - 0.1 * pow(point[0] - 0.3, 2) - 0.1 * pow(point[1] - 0.6, 2);
			const bool accident = number >= 10 && number < 42 && number % 6 == 0;
			const double value = accident ? 0.1 : hill + 0.005 * rng_normal(&rng);
			assert_int_equal(history_start(shown.history, number, point), 0);
			history_finish(shown.history, number, TRIAL_COMPLETE, &value, 0);
		}
		assert_int_equal(estimates_make(&estimates, shown.history, NULL), 0);
		const size_t best = estimates_best(&estimates, shown.history), n = estimates.count;
		assert_near(estimates.means[best], 0.9, 0.004);
		assert_true(sqrt(estimates.covariance[best * n + best]) < 0.004);
		estimates_finish(&estimates);
		end(&shown);
	}
}

/* The model takes 200 of them, and the defaults are always to be compared with. */
static void of_many_trials_the_spared_one_is_estimated(void **state)
{
	(void)state;
	struct shown shown;
	struct estimates estimates;
	const int64_t defaults = 7;
	begin(&shown, MAXIMIZE);
	for (int64_t number = 0; number < 400; number++)
		show(&shown, number, (double)number / 400, (double)number);
	assert_int_equal(estimates_make(&estimates, shown.history, &defaults), 0);
	assert_int_equal(estimates.count, 200);
	index_of(&estimates, defaults);
	estimates_finish(&estimates);
	end(&shown);
}

static void few_trials_are_not_estimated(void **state)
{
	(void)state;
	struct shown shown;
	struct estimates estimates;
	begin(&shown, MAXIMIZE);
	for (int64_t number = 0; number < ESTIMATES_FROM - 1; number++)
		show(&shown, number, 0.2 * (double)number, (double)number);
	assert_int_equal(estimates_make(&estimates, shown.history, NULL), ESTIMATES_NONE);
	end(&shown);
}

static void without_memory_nothing_is_left_behind(void **state)
{
	(void)state;
	struct shown shown;
	struct estimates estimates;
	int rc = -ENOMEM;
	begin(&shown, MAXIMIZE);
	show_hill(&shown, 1);
	for (int nth = 1; rc == -ENOMEM; nth++) {
		memory_fault_after(nth);
		rc = estimates_make(&estimates, shown.history, NULL);
		memory_fault_after(0);
	}
	assert_int_equal(rc, 0);
	estimates_finish(&estimates);
	end(&shown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_lucky_trial_is_not_the_one_to_name),
	        cmocka_unit_test(equal_configurations_are_estimated_alike_and_as_one),
	        cmocka_unit_test(of_two_values_the_one_measured_better_counts_for_more),
	        cmocka_unit_test(a_part_of_the_noise_stays_with_the_trial_unless_it_was_measured),
	        cmocka_unit_test(a_loss_that_is_far_behind_cannot_be_the_least_for_its_error),
	        cmocka_unit_test(what_a_stopped_trial_is_worth_is_learnt_from_and_not_named),
	        cmocka_unit_test(what_is_infeasible_or_no_number_cannot_be_named),
	        cmocka_unit_test(what_has_no_value_changes_no_estimate),
	        cmocka_unit_test(infeasible_trials_are_no_cliff_beside_the_feasible_ones),
	        cmocka_unit_test(of_many_trials_those_fitted_are_as_the_others),
	        cmocka_unit_test(of_many_trials_the_spared_one_is_estimated),
	        cmocka_unit_test(few_trials_are_not_estimated),
	        cmocka_unit_test(without_memory_nothing_is_left_behind),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
