#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "schema/base/memory.h"
#include "schema/space/point.h"
#include "tests/daemon/samplers/trial_run.h"

#define DIMS 2

static struct space *square(double step)
{
	struct space *space;
	assert_int_equal(space_create(&space), 0);
	space_add_float(space, "x", &(struct param_range){-5, 5, step, false});
	space_add_float(space, "y", &(struct param_range){-5, 5, step, false});
	assert_int_equal(space_freeze(space, NULL), 0);
	return space;
}

/* The context says how many brackets there are. */
static int in_turn(const void *context, int64_t number)
{
	return (int)(number % *(const int *)context);
}

/* Copies trials whose number leaves `rest` when divided by `divisor`, and asks a sampler of its own
 * for one more point. */
static void ask_alone(
        double *out, const char *sampler, double points[][DIMS], int64_t count, int64_t divisor, int64_t rest)
{
	struct trial_run alone;
	assert_int_equal(trial_run_init(&alone, sampler, square(0), 1, 9), 0);
	for (int64_t number = rest; number < count; number += divisor) {
		double value = points[number][0] * points[number][1];
		assert_int_equal(history_start(alone.history, number, points[number]), 0);
		history_finish(alone.history, number, TRIAL_COMPLETE, &value, 0);
	}
	point_clear(alone.space, out);
	assert_int_equal(sampler_suggest(alone.sampler, count, out), 0);
	trial_run_finish(&alone);
}

static void tell(struct trial_run *run, int64_t number, const double *point)
{
	double value = point[0] * point[1];
	trial_run_tell(run, number, &value, 0);
}

static void check_brackets(const char *sampler)
{
	enum { COUNT = 80 };
	double points[COUNT + 1][DIMS], alone[DIMS];
	int bracket_count = 3;
	struct trial_run run;
	assert_int_equal(trial_run_init(&run, sampler, square(0), 1, 9), 0);
	sampler_set_brackets(run.sampler, in_turn, &bracket_count);
	for (int64_t i = 0; i < COUNT; i++) {
		int64_t number = trial_run_ask(&run, points[i]);
		ask_alone(alone, sampler, points, number, 3, number % 3);
		assert_memory_equal(points[i], alone, sizeof alone);
		tell(&run, number, points[i]);
	}
	trial_run_finish(&run);
}

static void a_point_follows_from_its_own_bracket_alone(void **state)
{
	(void)state;
	check_brackets("tpe");
	check_brackets("cma_es");
}

/* Their models are of final values alone, which can be compared whatever the bracket. */
static void what_models_final_values_learns_from_all_brackets(void **state)
{
	(void)state;
	enum { COUNT = 24 };
	const char *const samplers[] = {"gp", "auto"};
	for (size_t i = 0; i < 2; i++) {
		double points[COUNT][DIMS], alone[DIMS];
		int bracket_count = 3;
		struct trial_run run;
		assert_int_equal(trial_run_init(&run, samplers[i], square(0), 1, 9), 0);
		sampler_set_brackets(run.sampler, in_turn, &bracket_count);
		for (int64_t number = 0; number < COUNT; number++) {
			tell(&run, trial_run_ask(&run, points[number]), points[number]);
			ask_alone(alone, samplers[i], points, number, 1, 0);
			assert_memory_equal(points[number], alone, sizeof alone);
		}
		trial_run_finish(&run);
	}
}

/* Hyperband learns how many brackets there are from the first long trial; until then everything is
 * in bracket 0. */
static void brackets_that_become_known_later_are_told_apart_then(void **state)
{
	(void)state;
	enum { COUNT = 41 };
	double points[COUNT + 1][DIMS], alone[DIMS];
	int bracket_count = 1;
	struct trial_run run;
	assert_int_equal(trial_run_init(&run, "tpe", square(0), 1, 9), 0);
	sampler_set_brackets(run.sampler, in_turn, &bracket_count);
	for (int64_t i = 0; i < COUNT; i++)
		tell(&run, trial_run_ask(&run, points[i]), points[i]);
	bracket_count = 2;
	point_clear(run.space, points[COUNT]);
	assert_int_equal(sampler_suggest(run.sampler, COUNT, points[COUNT]), 0);
	ask_alone(alone, "tpe", points, COUNT, 2, COUNT % 2);
	assert_memory_equal(points[COUNT], alone, sizeof alone);
	trial_run_finish(&run);
}

static void a_finite_space_is_walked_through_once_over_all_brackets(void **state)
{
	(void)state;
	const char *samplers[] = {"grid", "brute_force", "auto"};
	for (size_t i = 0; i < 3; i++) {
		struct trial_run run;
		double point[DIMS];
		int bracket_count = 3;
		assert_int_equal(trial_run_init(&run, samplers[i], square(5), 1, 9), 0);
		run.spec.budget_trials = 9; /* which makes auto choose brute force */
		sampler_set_brackets(run.sampler, in_turn, &bracket_count);
		for (int number = 0; number < 9; number++)
			assert_int_equal(trial_run_ask(&run, point), number);
		assert_int_equal(trial_run_ask(&run, point), -1);
		trial_run_finish(&run);
	}
}

static void after_a_lack_of_memory_the_brackets_go_on(void **state)
{
	(void)state;
	struct trial_run run;
	double points[31][DIMS], expected[DIMS], point[DIMS];
	int bracket_count = 3;
	assert_int_equal(trial_run_init(&run, "tpe", square(0), 1, 9), 0);
	for (int i = 0; i < 30; i++)
		tell(&run, trial_run_ask(&run, points[i]), points[i]);
	ask_alone(expected, "tpe", points, 30, 3, 0);
	for (long nth = 1;; nth++) {
		trial_run_restart(&run);
		sampler_set_brackets(run.sampler, in_turn, &bracket_count);
		memory_fault_after(nth);
		point_clear(run.space, point);
		int outcome = sampler_suggest(run.sampler, 30, point);
		bool happened = memory_fault_happened();
		memory_fault_after(0);
		assert_int_equal(outcome, happened ? -ENOMEM : 0);
		point_clear(run.space, point);
		assert_int_equal(sampler_suggest(run.sampler, 30, point), 0);
		assert_memory_equal(point, expected, sizeof point);
		if (!happened)
			break;
	}
	trial_run_finish(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_point_follows_from_its_own_bracket_alone),
	        cmocka_unit_test(what_models_final_values_learns_from_all_brackets),
	        cmocka_unit_test(brackets_that_become_known_later_are_told_apart_then),
	        cmocka_unit_test(a_finite_space_is_walked_through_once_over_all_brackets),
	        cmocka_unit_test(after_a_lack_of_memory_the_brackets_go_on),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
