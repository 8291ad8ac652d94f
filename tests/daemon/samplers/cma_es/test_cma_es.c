#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "schema/base/memory.h"
#include "schema/space/point.h"
#include "tests/daemon/samplers/trial_run.h"

#define DIMS 4

static const struct choice colours[] = {{"\"red\"", "red"}, {"\"blue\"", "blue"}};

/* colour, count in 1 … 20, rate (logarithmic) and width: in this order. */
static struct space *mixed_space(void)
{
	struct space *space;
	assert_int_equal(space_create(&space), 0);
	space_add_categorical(space, "a_colour", colours, 2);
	space_add_int(space, "count", &(struct param_range){1, 20, 1, false});
	space_add_float(space, "rate", &(struct param_range){1e-5, 1, 0, true});
	space_add_float(space, "width", &(struct param_range){-5, 5, 0, false});
	assert_int_equal(space_freeze(space, NULL), 0);
	return space;
}

/* 0 at count 17, rate 1e-3, width 2; ill-scaled and turned in the two last. */
static double bowl(const double *point)
{
	double rate = log10(point[2]) + 3, width = point[3] - 2;
	return pow(point[1] - 17, 2) / 10 + pow(rate + width, 2) + 0.01 * pow(rate - width, 2);
}

static double run_bowl(struct trial_run *run, int trial_count)
{
	double point[DIMS], best = (double)INFINITY;
	for (int i = 0; i < trial_count; i++) {
		int64_t number = trial_run_ask(run, point);
		double value = bowl(point);
		trial_run_tell(run, number, &value, 0);
		best = fmin(best, value);
	}
	return best;
}

static void a_bowl_over_mixed_parameters_is_found_to_the_bottom(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 5; seed++) {
		struct trial_run run;
		assert_int_equal(trial_run_init(&run, "cma_es", mixed_space(), 1, seed), 0);
		assert_true(run_bowl(&run, 600) < 1e-6);
		trial_run_finish(&run);
	}
}

static void a_restart_goes_on_exactly(void **state)
{
	(void)state;
	struct trial_run run;
	double before[DIMS], after[DIMS];
	assert_int_equal(trial_run_init(&run, "cma_es", mixed_space(), 1, 3), 0);
	run_bowl(&run, 45);
	point_clear(run.space, before);
	assert_int_equal(sampler_suggest(run.sampler, 45, before), 0);
	trial_run_restart(&run);
	point_clear(run.space, after);
	assert_int_equal(sampler_suggest(run.sampler, 45, after), 0);
	assert_memory_equal(before, after, sizeof before);
	trial_run_finish(&run);
}

/* Four trials run at a time, and the older of two finishes later: the generations are those of a
 * fresh look all the same. */
static void trials_that_finish_in_another_order_are_learnt_in_their_own(void **state)
{
	(void)state;
	struct trial_run run;
	double points[4][DIMS], before[DIMS], after[DIMS];
	assert_int_equal(trial_run_init(&run, "cma_es", mixed_space(), 1, 3), 0);
	for (int round = 0; round < 12; round++) {
		int64_t numbers[4];
		for (int i = 0; i < 4; i++)
			numbers[i] = trial_run_ask(&run, points[i]);
		for (int i = 3; i >= 0; i--) {
			double value = bowl(points[i]);
			trial_run_tell(&run, numbers[i], &value, 0);
			point_clear(run.space, before);
			assert_int_equal(sampler_suggest(run.sampler, run.next, before), 0);
		}
	}
	trial_run_restart(&run);
	point_clear(run.space, after);
	assert_int_equal(sampler_suggest(run.sampler, run.next, after), 0);
	assert_memory_equal(before, after, sizeof before);
	trial_run_finish(&run);
}

/* On a plateau every generation looks alike: restarts must widen the search again, and every point
 * stay in its bounds. */
static void a_plateau_does_not_freeze_the_search(void **state)
{
	(void)state;
	struct trial_run run;
	double point[DIMS], value = 1, low = (double)INFINITY, high = -(double)INFINITY;
	assert_int_equal(trial_run_init(&run, "cma_es", mixed_space(), 1, 5), 0);
	for (int i = 0; i < 1500; i++) {
		trial_run_tell(&run, trial_run_ask(&run, point), &value, 0);
		for (size_t j = 0; j < run.space->count; j++)
			assert_true(param_contains(&run.space->params[j], point[j]));
		if (i < 1300)
			continue;
		low = fmin(low, point[3]);
		high = fmax(high, point[3]);
	}
	assert_true(high - low > 1);
	trial_run_finish(&run);
}

/* The best values are forbidden: width ≥ 3 is a violation. */
static void violations_count_before_values(void **state)
{
	(void)state;
	struct trial_run run;
	double point[DIMS], best = (double)INFINITY;
	assert_int_equal(trial_run_init(&run, "cma_es", mixed_space(), 1, 5), 0);
	for (int i = 0; i < 400; i++) {
		int64_t number = trial_run_ask(&run, point);
		double value = -point[3], violation = fmax(0, point[3] - 3);
		trial_run_tell(&run, number, &value, violation);
		if (violation <= 0)
			best = fmin(best, value);
	}
	assert_true(best < -2.99);
	trial_run_finish(&run);
}

static void several_objectives_and_spaces_without_numbers_are_refused(void **state)
{
	(void)state;
	struct trial_run run;
	assert_int_equal(trial_run_init(&run, "cma_es", mixed_space(), 2, 5), -EINVAL);
	assert_non_null(strstr(run.error.text, "one objective"));
	trial_run_finish(&run);
	struct space *space;
	assert_int_equal(space_create(&space), 0);
	space_add_categorical(space, "a_colour", colours, 2);
	assert_int_equal(space_freeze(space, NULL), 0);
	assert_int_equal(trial_run_init(&run, "cma_es", space, 1, 5), -EINVAL);
	assert_non_null(strstr(run.error.text, "number"));
	trial_run_finish(&run);
}

static void after_a_lack_of_memory_it_goes_on_as_if_nothing_had_been(void **state)
{
	(void)state;
	struct trial_run run;
	double expected[DIMS], point[DIMS];
	assert_int_equal(trial_run_init(&run, "cma_es", mixed_space(), 1, 3), 0);
	run_bowl(&run, 45);
	point_clear(run.space, expected);
	assert_int_equal(sampler_suggest(run.sampler, 45, expected), 0);
	for (long nth = 1;; nth++) {
		trial_run_restart(&run);
		memory_fault_after(nth);
		point_clear(run.space, point);
		int outcome = sampler_suggest(run.sampler, 45, point);
		bool happened = memory_fault_happened();
		memory_fault_after(0);
		assert_int_equal(outcome, happened ? -ENOMEM : 0);
		point_clear(run.space, point);
		assert_int_equal(sampler_suggest(run.sampler, 45, point), 0);
		assert_memory_equal(point, expected, sizeof point);
		if (!happened)
			break;
	}
	trial_run_finish(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_bowl_over_mixed_parameters_is_found_to_the_bottom),
	        cmocka_unit_test(a_restart_goes_on_exactly),
	        cmocka_unit_test(trials_that_finish_in_another_order_are_learnt_in_their_own),
	        cmocka_unit_test(a_plateau_does_not_freeze_the_search),
	        cmocka_unit_test(violations_count_before_values),
	        cmocka_unit_test(several_objectives_and_spaces_without_numbers_are_refused),
	        cmocka_unit_test(after_a_lack_of_memory_it_goes_on_as_if_nothing_had_been),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
