#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/samplers/history_view.h"
#include "schema/base/memory.h"
#include "schema/space/point.h"
#include "tests/daemon/samplers/trial_run.h"

static const struct choice kinds[] = {{"\"sgd\"", "sgd"}, {"\"adam\"", "adam"}};

/* kind: sgd (momentum of 3) or adam (nothing more); width of 4: (3 + 1) · 4 = 16 points. */
static struct space *conditional_space(void)
{
	struct space *space;
	const double sgd = 0;
	assert_int_equal(space_create(&space), 0);
	space_add_categorical(space, "kind", kinds, 2);
	space_add_float(space, "a_momentum", &(struct param_range){0.1, 0.3, 0.1, false});
	space_add_int(space, "width", &(struct param_range){8, 32, 8, false});
	assert_int_equal(space_add_condition(space, "a_momentum", "kind", &sgd, 1), 0);
	assert_int_equal(space_freeze(space, NULL), 0);
	return space;
}

static void every_point_comes_once_and_then_none(void **state)
{
	(void)state;
	struct trial_run run;
	double points[16][3];
	assert_int_equal(trial_run_init(&run, "brute_force", conditional_space(), 1, 7), 0);
	for (size_t i = 0; i < 16; i++) {
		assert_int_equal(trial_run_ask(&run, points[i]), i);
		for (size_t j = 0; j < i; j++)
			assert_false(point_equal(run.space, points[i], points[j]));
		bool is_sgd = points[i][space_find(run.space, "kind")] == 0;
		assert_int_equal(isnan(points[i][space_find(run.space, "a_momentum")]), !is_sgd);
	}
	double point[3];
	assert_int_equal(trial_run_ask(&run, point), -1);
	trial_run_finish(&run);
}

static void failed_points_come_again_after_all_others(void **state)
{
	(void)state;
	struct trial_run run;
	double point[3], failed[3];
	assert_int_equal(trial_run_init(&run, "brute_force", conditional_space(), 1, 7), 0);
	history_finish(run.history, trial_run_ask(&run, failed), TRIAL_FAILED, NULL, 0);
	for (size_t i = 1; i < 16; i++) {
		assert_int_equal(trial_run_ask(&run, point), i);
		assert_false(point_equal(run.space, point, failed));
	}
	for (size_t i = 0; i < 2; i++) {
		int64_t number = trial_run_ask(&run, point);
		assert_true(point_equal(run.space, point, failed));
		history_finish(run.history, number, TRIAL_FAILED, NULL, 0);
	}
	assert_int_equal(trial_run_ask(&run, point), -1);
	trial_run_finish(&run);
}

static void fixed_values_stay_and_exhaust_their_own_part(void **state)
{
	(void)state;
	struct trial_run run;
	double point[3];
	assert_int_equal(trial_run_init(&run, "brute_force", conditional_space(), 1, 7), 0);
	long width = space_find(run.space, "width");
	for (int64_t i = 0; i < 12; i++) { /* the others' parts first, and then its own */
		static const double parts[] = {8, 24, 16};
		point_clear(run.space, point);
		point[width] = parts[i / 4];
		assert_int_equal(sampler_suggest(run.sampler, i, point), 0);
		assert_true(point[width] == parts[i / 4]);
		assert_false(history_has_point(run.history, point));
		assert_int_equal(history_start(run.history, i, point), 0);
	}
	point_clear(run.space, point);
	point[width] = 16;
	assert_int_equal(sampler_suggest(run.sampler, 12, point), SAMPLER_EXHAUSTED);
	trial_run_finish(&run);
}

/* 0.1 · 3 is not 0.3 to the last bit, and some programs write it so. */
static void a_value_beside_its_grid_by_a_rounding_is_tried(void **state)
{
	(void)state;
	struct trial_run run;
	struct space *space;
	double point = 0.1 * 3;
	assert_int_equal(space_create(&space), 0);
	space_add_float(space, "rate", &(struct param_range){0, 0.5, 0.1, false});
	assert_int_equal(space_freeze(space, NULL), 0);
	assert_int_equal(trial_run_init(&run, "brute_force", space, 1, 7), 0);
	assert_true(point > 0.3);
	assert_int_equal(history_start(run.history, run.next++, &point), 0);
	for (int i = 1; i < 6; i++) {
		assert_int_equal(trial_run_ask(&run, &point), i);
		assert_true(fabs(point - 0.3) > 0.05);
	}
	assert_int_equal(trial_run_ask(&run, &point), -1);
	trial_run_finish(&run);
}

/* 3 of 4 points are sgd's: weighting by points, not by branches, makes sgd come first in about 3 of
 * 4 studies. */
static void every_point_has_the_same_chance_to_be_first(void **state)
{
	(void)state;
	int sgd_count = 0;
	for (uint64_t seed = 0; seed < 400; seed++) {
		struct trial_run run;
		double point[3];
		assert_int_equal(trial_run_init(&run, "brute_force", conditional_space(), 1, seed), 0);
		trial_run_ask(&run, point);
		sgd_count += point[space_find(run.space, "kind")] == 0;
		trial_run_finish(&run);
	}
	assert_in_range(sgd_count, 265, 335);
}

static void a_continuous_range_is_refused(void **state)
{
	(void)state;
	struct trial_run run;
	struct space *space;
	assert_int_equal(space_create(&space), 0);
	space_add_float(space, "rate", &(struct param_range){0, 1, 0, false});
	assert_int_equal(space_freeze(space, NULL), 0);
	assert_int_equal(trial_run_init(&run, "brute_force", space, 1, 0), -EINVAL);
	assert_non_null(strstr(run.error.text, "\"rate\""));
	trial_run_finish(&run);
}

static void a_lack_of_memory_is_reported(void **state)
{
	(void)state;
	struct trial_run run;
	double point[3];
	assert_int_equal(trial_run_init(&run, "brute_force", conditional_space(), 1, 7), 0);
	trial_run_ask(&run, point);
	point_clear(run.space, point);
	memory_fault_after(1);
	assert_int_equal(sampler_suggest(run.sampler, 1, point), -ENOMEM);
	memory_fault_after(0);
	assert_int_equal(sampler_suggest(run.sampler, 1, point), 0);
	trial_run_finish(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_point_comes_once_and_then_none),
	        cmocka_unit_test(failed_points_come_again_after_all_others),
	        cmocka_unit_test(fixed_values_stay_and_exhaust_their_own_part),
	        cmocka_unit_test(a_value_beside_its_grid_by_a_rounding_is_tried),
	        cmocka_unit_test(every_point_has_the_same_chance_to_be_first),
	        cmocka_unit_test(a_continuous_range_is_refused),
	        cmocka_unit_test(a_lack_of_memory_is_reported),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
