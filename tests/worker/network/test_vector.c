/* The float build's own exp and what stands on it, against libm in double precision. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "worker/network/layers/activation.h"
#include "worker/network/layers/fast_exp.h"
#include "worker/network/layers/vector.h"

enum { COUNT = 4001, ROW = 61 };

/* Evenly from −reach to reach. */
static void fill(float x[COUNT], double reach)
{
	for (int i = 0; i < COUNT; i++)
		x[i] = (float)(reach * (2.0 * i / (COUNT - 1) - 1));
}

static void exp_is_right_to_two_ulp(void **state)
{
	(void)state;
	float x[COUNT], y[COUNT];
	fill(x, 86.9);
	fill(y, 86.9);
	for (size_t i = 0; i < COUNT; i++)
		y[i] = fast_exp(y[i]);
	for (size_t i = 0; i < COUNT; i++) {
		const double expected = exp((double)x[i]);
		if (fabs((double)y[i] - expected) > expected * ldexp(2, -23))
			fail_msg("exp %g is %.9g, not %.9g", (double)x[i], (double)y[i], expected);
	}
}

static void beyond_its_range_exp_stays_finite_and_no_number_stays_none(void **state)
{
	(void)state;
	float x[] = {-1e30f, 1e30f, NAN};
	for (size_t i = 0; i < 3; i++)
		x[i] = fast_exp(x[i]);
	assert_true(x[0] > 0 && x[0] < 1e-37f && x[1] > 1e37f && isfinite(x[1]) && isnan(x[2]));
	float row[] = {1, NAN, 2};
	vector_softmax(row, 3);
	assert_true(isnan(row[0]) && isnan(row[1]) && isnan(row[2]));
}

static void sigmoid_tanh_and_gelu_are_right_to_3e_7(void **state)
{
	(void)state;
	float x[COUNT], sigmoid[COUNT], squashed[COUNT], out[COUNT], slope[COUNT];
	fill(x, 12);
	fill(sigmoid, 12);
	fill(squashed, 12);
	fill(slope, 12);
	for (size_t i = 0; i < COUNT; i++)
		sigmoid[i] = fast_sigmoid(sigmoid[i]);
	vector_tanh(squashed, COUNT);
	gelu_forward(out, slope, COUNT);
	for (size_t i = 0; i < COUNT; i++) {
		const double v = (double)x[i], root = sqrt(2 / 3.14159265358979323846),
		             t = tanh(root * (v + 0.044715 * v * v * v));
		assert_true(fabs((double)sigmoid[i] - 1 / (1 + exp(-v))) < 3e-7);
		assert_true(fabs((double)squashed[i] - tanh(v)) < 3e-7);
		assert_true(fabs((double)out[i] - v / 2 * (1 + t)) < 3e-7 * (1 + fabs(v)));
		assert_true(fabs((double)slope[i] -
		                    ((1 + t) / 2 + v / 2 * (1 - t * t) * root * (1 + 3 * 0.044715 * v * v))) < 3e-6);
	}
}

static void gelu_by_the_error_function_is_right_to_6e_7(void **state)
{
	(void)state;
	float out[COUNT], slope[COUNT], x[COUNT];
	fill(x, 12);
	fill(slope, 12);
	activation_forward(ACTIVATION_GELU, out, slope, COUNT);
	for (size_t i = 0; i < COUNT; i++) {
		const double v = (double)x[i], share = erfc(-v / sqrt(2)) / 2;
		assert_true(fabs((double)out[i] - v * share) < 6e-7 * (1 + fabs(v)));
		assert_true(
		        fabs((double)slope[i] - share - v * exp(-v * v / 2) / sqrt(2 * 3.14159265358979323846)) < 6e-7);
	}
}

static void softmax_and_sums_are_right_in_lanes_and_beside_them(void **state)
{
	(void)state;
	for (size_t count = 1; count <= ROW; count++) {
		float x[ROW];
		double all = 0, sum = 0, squares = 0;
		for (size_t i = 0; i < count; i++) {
			x[i] = (float)(3 * sin(2.3 * (double)i));
			all += exp((double)x[i]);
			sum += (double)x[i];
			squares += (double)x[i] * (double)x[i];
		}
		assert_true(fabs((double)vector_sum(x, count) - sum) < 1e-4);
		assert_true(fabs((double)vector_dot(x, x, count) - squares) < 1e-4 * (1 + squares));
		vector_softmax(x, count);
		for (size_t i = 0; i < count; i++)
			assert_true(fabs((double)x[i] - exp((double)(float)(3 * sin(2.3 * (double)i))) / all) < 1e-6);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(exp_is_right_to_two_ulp),
	        cmocka_unit_test(beyond_its_range_exp_stays_finite_and_no_number_stays_none),
	        cmocka_unit_test(sigmoid_tanh_and_gelu_are_right_to_3e_7),
	        cmocka_unit_test(gelu_by_the_error_function_is_right_to_6e_7),
	        cmocka_unit_test(softmax_and_sums_are_right_in_lanes_and_beside_them),
	};
	return cmocka_run_group_tests_name("models", tests, NULL, NULL);
}
