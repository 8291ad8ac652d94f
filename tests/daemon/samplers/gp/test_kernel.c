#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "daemon/samplers/gp/gp_pairs.h"
#include "schema/base/rng.h"
#include "tests/daemon/near.h"

#define POINTS 9
#define DIMS 10 /* more than a vector has */
#define THETAS GP_THETA_COUNT(DIMS)

/* Every third dimension is one of categories; the first number's length scale is the shortest
 * there is. */
struct field {
	bool categorical[DIMS];
	double x[POINTS * DIMS], theta[THETAS];
	struct gp_kernel kernel;
	struct gp_pairs pairs;
};

static void set_up(struct field *field, size_t d)
{
	struct rng rng;
	rng_init(&rng, 5, d);
	for (size_t k = 0; k < d; k++)
		field->categorical[k] = k % 3 == 2;
	for (size_t i = 0; i < POINTS * d; i++)
		field->x[i] = field->categorical[i % d] ? (double)rng_below(&rng, 3) : rng_uniform(&rng);
	memcpy(field->x + d, field->x, d * sizeof *field->x); /* two are one */
	for (size_t i = 0; i < GP_THETA_COUNT(d); i++)
		field->theta[i] = 2 * rng_uniform(&rng) - 0.5;
	field->theta[GP_OWN_RATE(d, 0)] = 12;
	assert_int_equal(gp_kernel_init(&field->kernel, POINTS, d, field->categorical, field->x), 0);
	assert_int_equal(gp_pairs_init(&field->pairs, POINTS, d), 0);
	gp_kernel_prepare(&field->kernel, field->theta);
}

static void tear_down(struct field *field)
{
	gp_kernel_finish(&field->kernel);
	gp_pairs_finish(&field->pairs);
}

static double matern(double square)
{
	double root = sqrt(5 * square);
	return (1 + root + root * root / 3) * exp(-root);
}

/* The sum of gp_kernel.h, term by term. */
static double covariance(const struct field *field, const double *a, const double *b)
{
	size_t d = field->kernel.d;
	double joint = 0, own = 0;
	for (size_t k = 0; k < d; k++) {
		double gap = field->categorical[k] ? (a[k] != b[k]) : a[k] - b[k];
		joint += exp(field->theta[GP_JOINT_RATE(d, k)]) * gap * gap;
		own += matern(exp(field->theta[GP_OWN_RATE(d, k)]) * gap * gap);
	}
	own *= d > 1 ? exp(field->theta[GP_OWN_SIGNAL(d)]) / (double)d : 0;
	return exp(field->theta[GP_JOINT_SIGNAL(d)]) * matern(joint) + own;
}

static void covariances_are_the_sum_of_both_parts(void **state)
{
	(void)state;
	for (size_t d = 1; d <= DIMS; d++) {
		struct field field;
		double matrix[POINTS * POINTS], row[POINTS];
		set_up(&field, d);
		gp_pairs_matrix(matrix, &field.pairs, &field.kernel);
		for (size_t j = 0; j < POINTS; j++) {
			gp_kernel_row(row, &field.kernel, field.x + j * d);
			for (size_t i = 0; i < POINTS; i++) {
				double expected = covariance(&field, field.x + j * d, field.x + i * d);
				assert_near(row[i], expected, 1e-12);
				if (i >= j)
					assert_near(matrix[j * POINTS + i], expected, 1e-12);
			}
		}
		tear_down(&field);
	}
}

static void a_row_does_not_depend_on_the_one_before(void **state)
{
	(void)state;
	struct field field;
	double x[DIMS], row[POINTS], fresh[POINTS];
	set_up(&field, DIMS);
	memcpy(x, field.x, sizeof x);
	gp_kernel_row(row, &field.kernel, x);
	for (size_t k = 0; k < DIMS; k++) {
		x[k] = field.categorical[k] ? 2 - x[k] : 1 - x[k];
		gp_kernel_row(row, &field.kernel, x);
		gp_kernel_prepare(&field.kernel, field.theta);
		gp_kernel_row(fresh, &field.kernel, x);
		assert_memory_equal(row, fresh, sizeof row);
	}
	tear_down(&field);
}

/* Σ share · covariance over the pairs of the lower triangle. */
static double weigh_pairs(struct field *field, const double *share)
{
	double matrix[POINTS * POINTS], sum = 0;
	gp_kernel_prepare(&field->kernel, field->theta);
	gp_pairs_matrix(matrix, &field->pairs, &field->kernel);
	for (size_t j = 0; j < POINTS; j++)
		for (size_t i = j; i < POINTS; i++)
			sum += share[i] * matrix[j * POINTS + i];
	return sum;
}

static void slopes_by_hyperparameters_are_those_of_finite_differences(void **state)
{
	(void)state;
	for (size_t d = 1; d <= DIMS; d += 3) {
		struct field field;
		double gradient[THETAS] = {0}, share[POINTS];
		set_up(&field, d);
		for (size_t i = 0; i < POINTS; i++)
			share[i] = 1 - 0.3 * (double)i;
		weigh_pairs(&field, share);
		for (size_t j = 0; j < POINTS; j++)
			gp_pairs_by_theta(gradient, &field.pairs, &field.kernel, j, share + j);
		for (size_t i = 0; i < GP_NOISE(d); i++) {
			double middle = field.theta[i], h = 1e-5;
			field.theta[i] = middle + h;
			double up = weigh_pairs(&field, share);
			field.theta[i] = middle - h;
			double down = weigh_pairs(&field, share);
			field.theta[i] = middle;
			assert_near(gradient[i], (up - down) / (2 * h), 1e-6);
		}
		tear_down(&field);
	}
}

/* Σ share · row */
static double weigh_row(struct field *field, const double *x, const double *share)
{
	double row[POINTS], sum = 0;
	gp_kernel_row(row, &field->kernel, x);
	for (size_t i = 0; i < POINTS; i++)
		sum += share[i] * row[i];
	return sum;
}

static void slopes_by_coordinates_are_those_of_finite_differences(void **state)
{
	(void)state;
	for (size_t d = 1; d <= DIMS; d += 3) {
		struct field field;
		double shares[2][POINTS], gradients[2][DIMS] = {{0}}, x[DIMS];
		struct gp_kernel_slope slopes[GP_KERNEL_SLOPES] = {
		        {shares[0], gradients[0]}, {shares[1], gradients[1]}};
		set_up(&field, d);
		for (size_t i = 0; i < POINTS; i++) {
			shares[0][i] = 1 - 0.3 * (double)i;
			shares[1][i] = sin((double)i);
		}
		for (size_t k = 0; k < d; k++)
			x[k] = field.categorical[k] ? 1 : 0.05 + 0.09 * (double)k;
		weigh_row(&field, x, shares[0]);
		gp_kernel_by_x(slopes, &field.kernel);
		for (size_t s = 0; s < 2; s++) {
			for (size_t k = 0; k < d; k++) {
				double middle = x[k], h = 1e-6;
				x[k] = middle + h;
				double up = weigh_row(&field, x, shares[s]);
				x[k] = middle - h;
				double down = weigh_row(&field, x, shares[s]);
				x[k] = middle;
				assert_near(gradients[s][k], field.categorical[k] ? 0 : (up - down) / (2 * h), 1e-4);
			}
		}
		tear_down(&field);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(covariances_are_the_sum_of_both_parts),
	        cmocka_unit_test(a_row_does_not_depend_on_the_one_before),
	        cmocka_unit_test(slopes_by_hyperparameters_are_those_of_finite_differences),
	        cmocka_unit_test(slopes_by_coordinates_are_those_of_finite_differences),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
