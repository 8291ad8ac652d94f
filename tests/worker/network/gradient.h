/* Gradients by finite differences, in the double build of the layers. */
#ifndef TESTS_WORKER_NETWORK_GRADIENT_H
#define TESTS_WORKER_NETWORK_GRADIENT_H

#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "schema/base/memory.h"
#include "schema/base/rng.h"
#include "worker/network/layers/real.h"

/* An array of `count` standard normal draws / zeros; freed with memory_free. */
static inline real *random_array(struct rng *rng, size_t count)
{
	real *array = memory_alloc(count, sizeof *array);
	assert_non_null(array);
	for (size_t i = 0; i < count; i++)
		array[i] = (real)rng_normal(rng);
	return array;
}

static inline real *zero_array(size_t count)
{
	real *array = memory_alloc(count, sizeof *array);
	assert_non_null(array);
	return array;
}

/* Σ weights·values: turns a layer's output into a scalar loss whose gradient is `weights`. */
static inline double weighted_sum(const real *weights, const real *values, size_t count)
{
	double sum = 0;
	for (size_t i = 0; i < count; i++)
		sum += (double)weights[i] * (double)values[i];
	return sum;
}

/* Checks d (count) against central differences of loss(context) in each element of x. */
static inline void check_gradient(
        const char *name, real *x, const real *d, size_t count, double (*loss)(void *context), void *context)
{
	const double step = 1e-5;
	for (size_t i = 0; i < count; i++) {
		real kept = x[i];
		x[i] = kept + (real)step;
		double up = loss(context);
		x[i] = kept - (real)step;
		double down = loss(context);
		x[i] = kept;
		double expected = (up - down) / (2 * step);
		if (fabs(expected - (double)d[i]) > 1e-7 * (1 + fabs(expected)))
			fail_msg("%s[%zu]: backward gives %.10g, differences %.10g", name, i, (double)d[i], expected);
	}
}

#endif
