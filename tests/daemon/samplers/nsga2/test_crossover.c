#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>

#include "daemon/samplers/nsga2/crossover.h"
#include "tests/daemon/near.h"

#define DRAWS 40000

static const double first[2] = {0.3, 0.4}, second[2] = {0.5, 0.4}, third[2] = {0.45, 0.7};
static const struct parent_numbers family = {.n = 2, .numbers = {first, second, third}, .eta = 2};

/* What many children of the family are like, number by number. */
struct sample {
	double mean[2], deviation[2], low[2], high[2];
};

static struct sample breed_many(const char *name)
{
	struct sample sample = {.low = {9, 9}, .high = {-9, -9}};
	const struct crossover *crossover = crossover_find(name);
	struct rng rng;
	rng_init(&rng, 3, 1);
	for (int i = 0; i < DRAWS; i++) {
		double child[2];
		crossover->breed(child, &family, &rng);
		for (size_t k = 0; k < 2; k++) {
			sample.mean[k] += child[k] / DRAWS;
			sample.deviation[k] += child[k] * child[k] / DRAWS;
			sample.low[k] = fmin(sample.low[k], child[k]);
			sample.high[k] = fmax(sample.high[k], child[k]);
		}
	}
	for (size_t k = 0; k < 2; k++)
		sample.deviation[k] = sqrt(fmax(sample.deviation[k] - sample.mean[k] * sample.mean[k], 0));
	return sample;
}

static void blx_alpha_is_even_over_the_parents_interval_and_half_of_it_on_both_sides(void **state)
{
	(void)state;
	struct sample sample = breed_many("blx_alpha");
	assert_near(sample.low[0], 0.2, 1e-3);
	assert_near(sample.high[0], 0.6, 1e-3);
	assert_near(sample.mean[0], 0.4, 3e-3);
	assert_near(sample.deviation[0], 0.4 / sqrt(12), 3e-3);
	assert_near(sample.deviation[1], 0, 1e-6); /* the parents agree */
}

static void sbx_keeps_to_the_bounds(void **state)
{
	(void)state;
	struct sample sample = breed_many("sbx");
	assert_true(sample.low[0] >= 0 && sample.high[0] <= 1);
	assert_true(sample.low[0] < 0.25 && sample.high[0] > 0.55);
	assert_near(sample.mean[0], 0.4, 0.02);
}

static void vsbx_is_centred_between_the_parents_and_can_go_anywhere(void **state)
{
	(void)state;
	struct sample sample = breed_many("vsbx");
	assert_near(sample.mean[0], 0.4, 0.02);
	assert_true(sample.low[0] < 0.1 && sample.high[0] > 0.7);
	assert_near(sample.mean[1], 0.4, 0.02);
}

static void spx_fills_the_widened_triangle(void **state)
{
	(void)state;
	struct sample sample = breed_many("spx");
	double centre[2] = {(0.3 + 0.5 + 0.45) / 3, (0.4 + 0.4 + 0.7) / 3};
	for (size_t k = 0; k < 2; k++) {
		assert_near(sample.mean[k], centre[k], 3e-3); /* of an even triangle */
		assert_true(sample.low[k] >= centre[k] + 2 * (fmin(first[k], third[k]) - centre[k]) - 1e-9);
		assert_true(sample.high[k] <= centre[k] + 2 * (fmax(second[k], third[k]) - centre[k]) + 1e-9);
	}
	assert_near(sample.low[1], centre[1] + 2 * (0.4 - centre[1]), 2e-3);
	assert_near(sample.high[1], centre[1] + 2 * (0.7 - centre[1]), 1e-2);
}

static void undx_is_normal_along_the_parents_line_and_across_it(void **state)
{
	(void)state;
	struct sample sample = breed_many("undx");
	assert_near(sample.mean[0], 0.4, 3e-3);
	assert_near(sample.mean[1], 0.4, 3e-3);
	assert_near(sample.deviation[0], 0.5 * 0.2, 3e-3);            /* σ_ξ times the parents' distance */
	assert_near(sample.deviation[1], 0.35 / sqrt(2) * 0.3, 3e-3); /* σ_η / √n times the third's */
}

static void children_stay_inside_the_cube_and_at_their_parents_when_all_are_one_point(void **state)
{
	(void)state;
	static const char *const names[] = {"blx_alpha", "sbx", "vsbx", "spx", "undx"};
	static const double corner[2] = {0, 1}, near[2] = {0.01, 0.99};
	const struct parent_numbers cornered = {.n = 2, .numbers = {corner, near, corner}, .eta = 2},
	                            alike = {.n = 2, .numbers = {near, near, near}, .eta = 20};
	struct rng rng;
	rng_init(&rng, 3, 2);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		double child[2];
		for (int draw = 0; draw < 200; draw++) {
			crossover_breed(child, crossover_find(names[i]), &cornered, &rng);
			assert_true(child[0] >= 0 && child[0] <= 1 && child[1] >= 0 && child[1] <= 1);
			crossover_breed(child, crossover_find(names[i]), &alike, &rng);
			assert_near(child[0], 0.01, 1e-6);
			assert_near(child[1], 0.99, 1e-6);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(blx_alpha_is_even_over_the_parents_interval_and_half_of_it_on_both_sides),
	        cmocka_unit_test(sbx_keeps_to_the_bounds),
	        cmocka_unit_test(vsbx_is_centred_between_the_parents_and_can_go_anywhere),
	        cmocka_unit_test(spx_fills_the_widened_triangle),
	        cmocka_unit_test(undx_is_normal_along_the_parents_line_and_across_it),
	        cmocka_unit_test(children_stay_inside_the_cube_and_at_their_parents_when_all_are_one_point),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
