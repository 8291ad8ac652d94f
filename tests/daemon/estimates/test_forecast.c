/* The forecast of a curve's end against numpy's numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <math.h>

#include "daemon/estimates/forecast.h"
#include "schema/base/memory.h"
#include "tests/daemon/near.h"

#include "tests/daemon/estimates/golden_forecast.h"

enum { POINTS = sizeof golden_points / sizeof *golden_points };

static void is_as_numpy_computes_it(void **state)
{
	(void)state;
	struct forecast forecast;
	assert_int_equal(forecast_fit(&forecast, golden_points, POINTS, 3), 0);
	assert_near(forecast.slope, GOLDEN_SLOPE, 1e-11);
	assert_near(forecast.variance, GOLDEN_VARIANCE, 1e-12);
	for (size_t fold = 0; fold < 3; fold++)
		assert_near(forecast_final(&forecast, fold, 0.5), golden_finals[fold], 1e-11);
	forecast_finish(&forecast);
}

/* Early values that are all alike say that the end is where it is on the average. */
static void values_that_do_not_differ_forecast_the_mean(void **state)
{
	(void)state;
	struct forecast_point points[10];
	for (size_t i = 0; i < 10; i++)
		points[i] = (struct forecast_point){.trial = i, .early = 0.5, .final = 0.6 + 0.01 * (double)i};
	struct forecast forecast;
	assert_int_equal(forecast_fit(&forecast, points, 10, 1), 0);
	assert_near(forecast_final(&forecast, 0, 0.5), 0.645, 1e-12);
	assert_true(forecast.variance > 0.0009);
	forecast_finish(&forecast);
}

/* What rounding leaves of the differences of equal values is no slope. */
static void nor_does_what_rounding_leaves_of_them(void **state)
{
	(void)state;
	for (size_t count = 8; count < 40; count++) {
		struct forecast_point points[40];
		for (size_t i = 0; i < count; i++)
			points[i] = (struct forecast_point){
			        .trial = i, .early = 0.1, .final = 0.6 + 0.1 * sin(9.0 * (double)i)};
		struct forecast forecast;
		assert_int_equal(forecast_fit(&forecast, points, count, 1), 0);
		assert_near(forecast.slope, 1, 0);
		forecast_finish(&forecast);
	}
}

static void memory_may_run_out(void **state)
{
	(void)state;
	struct forecast forecast;
	memory_fault_after(1);
	assert_int_equal(forecast_fit(&forecast, golden_points, POINTS, 3), -ENOMEM);
	memory_fault_after(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(is_as_numpy_computes_it),
	        cmocka_unit_test(values_that_do_not_differ_forecast_the_mean),
	        cmocka_unit_test(nor_does_what_rounding_leaves_of_them),
	        cmocka_unit_test(memory_may_run_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
