#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "daemon/samplers/gp/gp_model.h"
#include "schema/base/rng.h"
#include "tests/daemon/near.h"

#define ROWS_AT_MOST 11

static void fill(double *factor, double *sides, size_t n)
{
	struct rng rng;
	rng_init(&rng, 2, n);
	for (size_t i = 0; i < n * n; i++)
		factor[i] = i % (n + 1) == 0 ? 1 + rng_uniform(&rng) : rng_uniform(&rng) - 0.5;
	for (size_t i = 0; i < n * GP_SIDES; i++)
		sides[i] = rng_normal(&rng);
}

static void what_is_solved_gives_the_right_sides_back(void **state)
{
	(void)state;
	for (size_t n = 0; n <= ROWS_AT_MOST; n++) {
		double factor[ROWS_AT_MOST * ROWS_AT_MOST], sides[ROWS_AT_MOST * GP_SIDES],
		        solved[ROWS_AT_MOST * GP_SIDES];
		fill(factor, sides, n);
		memcpy(solved, sides, sizeof solved);
		gp_solver_run(solved, factor, n, n);
		for (size_t i = 0; i < n; i++) {
			for (size_t s = 0; s < GP_SIDES; s++) {
				double back = 0;
				for (size_t j = 0; j <= i; j++)
					back += factor[j * n + i] * solved[j * GP_SIDES + s];
				assert_near(back, sides[i * GP_SIDES + s], 1e-12);
			}
		}
	}
}

static void an_inverse_times_its_triangle_is_one(void **state)
{
	(void)state;
	for (size_t n = 0; n <= ROWS_AT_MOST; n++) {
		double factor[ROWS_AT_MOST * ROWS_AT_MOST], inverse[ROWS_AT_MOST * ROWS_AT_MOST],
		        sides[ROWS_AT_MOST * GP_SIDES];
		fill(factor, sides, n);
		gp_solver_invert(inverse, factor, sides, n);
		for (size_t i = 0; i < n; i++) {
			for (size_t j = 0; j <= i; j++) {
				double product = 0;
				for (size_t k = j; k <= i; k++)
					product += factor[k * n + i] * inverse[j * n + k];
				assert_near(product, i == j ? 1 : 0, 1e-12);
			}
		}
	}
}

static void sums_are_weighted_or_of_squares(void **state)
{
	(void)state;
	static const double sides[2 * GP_SIDES] = {1, 2, 3, 4, 5, 6, 7, 8, 2, 0, -1, 0, 0, 0, 0, 1},
	                              weights[] = {10, 3};
	double weighed[GP_SIDES], squares[GP_SIDES];
	gp_solver_sum(weighed, sides, weights, 2);
	gp_solver_sum(squares, sides, NULL, 2);
	assert_near(weighed[0], 16, 0);
	assert_near(weighed[2], 27, 0);
	assert_near(weighed[7], 83, 0);
	assert_near(squares[0], 5, 0);
	assert_near(squares[2], 10, 0);
	assert_near(squares[7], 65, 0);
}

/* A model of a plane and points that share coordinates. */
static void predictions_are_those_of_each_point_wherever_it_stands(void **state)
{
	(void)state;
	static const bool categorical[2] = {false, true};
	struct gp_model model;
	struct gp_prediction all[GP_SIDES], turned[GP_SIDES], one;
	double x[GP_SIDES * 2], back[GP_SIDES * 2];
	assert_int_equal(gp_model_init(&model, ROWS_AT_MOST, 2, categorical), 0);
	for (size_t i = 0; i < ROWS_AT_MOST; i++) {
		model.x[2 * i] = (double)i / ROWS_AT_MOST;
		model.x[2 * i + 1] = (double)(i % 3);
		model.y[i] = model.x[2 * i] - model.x[2 * i + 1];
	}
	assert_int_equal(gp_model_condition(&model), 0);
	for (size_t i = 0; i < GP_SIDES; i++) {
		x[2 * i] = back[2 * (GP_SIDES - 1 - i)] = 0.05 * (double)(i - i % 2);
		x[2 * i + 1] = back[2 * (GP_SIDES - 1 - i) + 1] = (double)(i % 2);
	}
	gp_model_predict_all(all, &model, x, GP_SIDES);
	gp_model_predict_all(turned, &model, back, GP_SIDES);
	for (size_t i = 0; i < GP_SIDES; i++) {
		assert_memory_equal(&all[i], &turned[GP_SIDES - 1 - i], sizeof *all);
		gp_model_predict(&one, &model, x + 2 * i);
		assert_near(one.mean, all[i].mean, 1e-12);
		assert_near(one.variance, all[i].variance, 1e-12);
	}
	gp_model_finish(&model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_is_solved_gives_the_right_sides_back),
	        cmocka_unit_test(an_inverse_times_its_triangle_is_one),
	        cmocka_unit_test(sums_are_weighted_or_of_squares),
	        cmocka_unit_test(predictions_are_those_of_each_point_wherever_it_stands),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
