#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "schema/space/point.h"
#include "tests/daemon/samplers/trial_run.h"

#define DIMS 70

static struct space *cube(size_t dims)
{
	struct space *space;
	assert_int_equal(space_create(&space), 0);
	for (size_t i = 0; i < dims; i++) {
		char name[8];
		snprintf(name, sizeof name, "x%02u", (unsigned)i);
		space_add_float(space, name, &(struct param_range){0, 1, 0, false});
	}
	assert_int_equal(space_freeze(space, NULL), 0);
	return space;
}

/* A run on the unit cube; the settings are owned by the caller. */
static void start(struct trial_run *run, size_t dims, const struct setting *settings, size_t count, uint64_t seed)
{
	assert_int_equal(trial_run_init(run, "qmc", cube(dims), 1, seed), 0);
	run->spec.sampler.settings = settings;
	run->spec.sampler.setting_count = count;
	trial_run_restart(run);
}

static void draw(struct trial_run *run, int64_t number, double *point)
{
	point_clear(run->space, point);
	assert_int_equal(sampler_suggest(run->sampler, number, point), 0);
}

/* scipy.stats.qmc.Sobol(64, scramble=False).random(1024)[777] */
static void unscrambled_sobol_is_scipy_s(void **state)
{
	(void)state;
	struct trial_run run;
	double point[DIMS];
	start(&run, 64, NULL, 0, 1);
	draw(&run, 777, point);
	assert_true(point[0] == 0.6923828125 && point[1] == 0.9365234375 && point[2] == 0.1630859375);
	assert_true(point[20] == 0.2373046875 && point[63] == 0.4267578125);
	trial_run_finish(&run);
}

/* scipy.stats.qmc.Halton(5, scramble=False).random(778)[777] */
static void unscrambled_halton_is_scipy_s(void **state)
{
	(void)state;
	const struct setting halton = {.name = "qmc_type", .word = "halton"};
	const double expected[] = {0.5654296875, 0.19798811156835847, 0.40992, 0.12619741774260723, 0.6739293764087152};
	struct trial_run run;
	double point[DIMS];
	start(&run, 5, &halton, 1, 1);
	draw(&run, 777, point);
	for (size_t i = 0; i < 5; i++)
		assert_true(fabs(point[i] - expected[i]) < 1e-14);
	trial_run_finish(&run);
}

/* Every dimension alone must be stratified: among 2^k points of Sobol, or base^k of Halton, one
 * falls into each cell. */
static void check_cells(struct trial_run *run, size_t dim, size_t cells)
{
	double point[DIMS];
	int seen[1024] = {0};
	for (size_t i = 0; i < cells; i++) {
		draw(run, (int64_t)i, point);
		seen[(size_t)(point[dim] * (double)cells)]++;
	}
	for (size_t i = 0; i < cells; i++)
		assert_int_equal(seen[i], 1);
}

static void scrambled_sobol_keeps_its_strata_and_depends_on_the_seed(void **state)
{
	(void)state;
	const struct setting scramble = {.name = "scramble", .number = 1};
	struct trial_run run, other;
	double point[DIMS], elsewhere[DIMS];
	start(&run, 64, &scramble, 1, 1);
	start(&other, 64, &scramble, 1, 2);
	for (size_t dim = 0; dim < 64; dim += 9)
		check_cells(&run, dim, 256);
	draw(&run, 0, point);
	draw(&other, 0, elsewhere);
	assert_true(point[5] > 0 && point[5] != elsewhere[5]);
	trial_run_restart(&run);
	draw(&run, 0, elsewhere);
	assert_memory_equal(point, elsewhere, 64 * sizeof *point);
	trial_run_finish(&run);
	trial_run_finish(&other);
}

static void scrambled_halton_keeps_its_strata(void **state)
{
	(void)state;
	const struct setting settings[] = {{.name = "qmc_type", .word = "halton"}, {.name = "scramble", .number = 1}};
	const size_t bases[] = {2, 3, 5, 7};
	struct trial_run run;
	start(&run, 4, settings, 2, 1);
	for (size_t dim = 0; dim < 4; dim++)
		check_cells(&run, dim, bases[dim] * bases[dim] * bases[dim]);
	trial_run_finish(&run);
}

/* The mean of Σ x² over 256 points is 64 / 3; the standard error of independent draws would be
 * 0.15. */
static void scrambled_sobol_integrates_better_than_chance(void **state)
{
	(void)state;
	const struct setting scramble = {.name = "scramble", .number = 1};
	struct trial_run run;
	double point[DIMS], sum = 0;
	start(&run, 64, &scramble, 1, 3);
	for (int64_t i = 0; i < 256; i++) {
		draw(&run, i, point);
		for (size_t j = 0; j < 64; j++)
			sum += point[j] * point[j] / 256;
	}
	assert_true(fabs(sum - 64.0 / 3) < 0.01);
	trial_run_finish(&run);
}

static void dimensions_beyond_the_table_are_drawn_at_random(void **state)
{
	(void)state;
	struct trial_run run;
	double first[DIMS], second[DIMS];
	start(&run, DIMS, NULL, 0, 1);
	draw(&run, 0, first);
	draw(&run, 1, second);
	for (size_t i = 0; i < DIMS; i++) {
		assert_true(first[i] >= 0 && first[i] < 1);
		assert_int_equal(i < 64, first[i] == 0 && second[i] == 0.5);
	}
	trial_run_finish(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(unscrambled_sobol_is_scipy_s),
	        cmocka_unit_test(unscrambled_halton_is_scipy_s),
	        cmocka_unit_test(scrambled_sobol_keeps_its_strata_and_depends_on_the_seed),
	        cmocka_unit_test(scrambled_halton_keeps_its_strata),
	        cmocka_unit_test(scrambled_sobol_integrates_better_than_chance),
	        cmocka_unit_test(dimensions_beyond_the_table_are_drawn_at_random),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
