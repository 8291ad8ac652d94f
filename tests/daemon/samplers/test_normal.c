#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>

#include "daemon/samplers/normal.h"
#include "daemon/samplers/normal_masses.h"
#include "daemon/samplers/pareto.h"
#include "tests/daemon/near.h"

static void logs_of_the_distribution_are_right_far_into_the_tail(void **state)
{
	(void)state;
	/* scipy.special.log_ndtr */
	static const struct {
		double x, log_cdf;
	} cases[] = {{0, -0.6931471805599453}, {-1, -1.8410216450092636}, {-10, -53.23128515051247},
	        {-19.999, -203.8971061167971}, {-40, -804.6084420137539}, {-1000, -500007.82669481216},
	        {3, -0.0013508099647481938}, {10, -7.619853024160473e-24}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_true(fabs(normal_log_cdf(cases[i].x) - cases[i].log_cdf) <= 1e-12 * fabs(cases[i].log_cdf));
}

static void gains_are_right_far_into_the_tail(void **state)
{
	(void)state;
	/* mpmath, 60 digits */
	static const struct {
		double x, log_gain;
	} cases[] = {{0, -0.91893853320467274}, {-0.5, -1.6205162643873199}, {-1, -2.4851210257126413},
	        {-3, -7.8696860596030285}, {-10, -55.553122036122356}, {-40, -808.29856835661996},
	        {-900, -405014.52373176354}, {3, 1.0987396653277078}, {10, 2.3025850929940457}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_true(fabs(normal_log_gain(cases[i].x) - cases[i].log_gain) <= 1e-9 * fabs(cases[i].log_gain));
}

static void quantiles_undo_probabilities(void **state)
{
	(void)state;
	for (double x = -37; x < 8; x += 0.37) {
		double log_p = normal_log_cdf(x);
		assert_near(normal_log_quantile(log_p), x, 1e-9 * fmax(1, fabs(x)));
	}
	assert_near(normal_log_quantile(normal_log_cdf(-200)), -200, 1e-9);
	assert_near(normal_quantile(0.975), 1.959963984540054, 1e-14);
}

static void many_masses_are_the_single_ones(void **state)
{
	(void)state;
	static const double widths[] = {1e-6, 1e-4, 5e-3, 0.1, 1, 20};
	for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
		for (double left = -36; left < 36; left += 0.83) {
			double mu = 0, sigma = 1, mass;
			normal_log_masses(
			        &mass, (const double[]){left, left + widths[w]}, &(struct normals){&mu, &sigma, 1});
			double single = normal_log_mass(left, left + widths[w]);
			assert_true(fabs(mass - single) <= 1e-9 * fmax(1, fabs(single)));
		}
	}
}

static void a_truncated_normal_ends_at_its_bounds(void **state)
{
	(void)state;
	assert_true(truncated_normal_quantile(0, -1, 2) == -1);
	assert_true(truncated_normal_quantile(1, -1, 2) == 2);
	assert_true(isnan(truncated_normal_quantile(0.5, 3, 3)));
	double far = truncated_normal_quantile(0.5, 50, 51);
	assert_true(far > 50 && far < 50.05);
	assert_near(truncated_normal_quantile(0.5, -51, -50), -far, 1e-9);
}

static void ranks_peel_one_front_after_the_other(void **state)
{
	(void)state;
	static const double losses[][2] = {{1, 4}, {2, 2}, {4, 1}, {2, 4}, {3, 3}, {5, 5}, {2, 2}};
	static const size_t expected[] = {0, 0, 0, 1, 1, 2, 0};
	size_t ranks[7];
	assert_int_equal(pareto_ranks(ranks, &losses[0][0], 7, 2, 7), 0);
	for (size_t i = 0; i < 7; i++)
		assert_int_equal(ranks[i], expected[i]);
	assert_true(pareto_dominates(losses[1], losses[3], 2));
	assert_false(pareto_dominates(losses[1], losses[6], 2));
}

static void hypervolumes_are_the_ones_counted_by_hand(void **state)
{
	(void)state;
	static const double flat[][2] = {{1, 3}, {2, 2}, {3, 1}, {9, 9}};
	static const double cube[][3] = {{1, 2, 3}, {3, 1, 2}, {2, 3, 1}};
	static const double reference[] = {4, 4, 4};
	double volume;
	assert_int_equal(pareto_hypervolume(&volume, &flat[0][0], 4, 2, reference), 0);
	assert_near(volume, 6, 1e-12);
	/* boxes 3·2·1 = 6 each; pairs share 1·2·1 − … counted: {3,2,3} 1·2·1, {2,3,3} 2·1·1,
	 * {3,3,2} 1·1·2; all three {3,3,3} 1 */
	assert_int_equal(pareto_hypervolume(&volume, &cube[0][0], 3, 3, reference), 0);
	assert_near(volume, 18 - 6 + 1, 1e-12);
}

static void places_fill_the_last_front_by_contribution(void **state)
{
	(void)state;
	static const double losses[][2] = {{0, 10}, {1, 9.9}, {5, 5}, {10, 0}, {11, 11}};
	double places[5];
	assert_int_equal(pareto_places(places, &losses[0][0], 5, 2, 3), 0);
	assert_true(places[2] == 0);
	assert_true(places[4] == 5);
	size_t placed = 0;
	for (size_t i = 0; i < 5; i++)
		placed += places[i] < 3;
	assert_int_equal(placed, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(logs_of_the_distribution_are_right_far_into_the_tail),
	        cmocka_unit_test(gains_are_right_far_into_the_tail),
	        cmocka_unit_test(quantiles_undo_probabilities),
	        cmocka_unit_test(many_masses_are_the_single_ones),
	        cmocka_unit_test(a_truncated_normal_ends_at_its_bounds),
	        cmocka_unit_test(ranks_peel_one_front_after_the_other),
	        cmocka_unit_test(hypervolumes_are_the_ones_counted_by_hand),
	        cmocka_unit_test(places_fill_the_last_front_by_contribution),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
