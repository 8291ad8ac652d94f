#include "worker/network/layers/vector.h"

#include <assert.h>

#include "worker/network/layers/fast_exp.h"

enum { LANES = 8 };

REAL_CLONES void vector_axpy(real *y, const real *x, real alpha, size_t count)
{
	for (size_t i = 0; i < count; i++)
		y[i] += alpha * x[i];
}

/* Eight running sums: the order of additions is fixed by the source, so every build and machine
 * gives the same bits, and the compiler may still use vectors. */
REAL_CLONES real vector_dot(const real *x, const real *y, size_t count)
{
	real sums[LANES] = {0};
	size_t i = 0;
	for (; i + LANES <= count; i += LANES)
		for (size_t lane = 0; lane < LANES; lane++)
			sums[lane] += x[i + lane] * y[i + lane];
	real sum = 0;
	for (; i < count; i++)
		sum += x[i] * y[i];
	for (size_t lane = 0; lane < LANES; lane++)
		sum += sums[lane];
	return sum;
}

REAL_CLONES real vector_sum(const real *x, size_t count)
{
	real sums[LANES] = {0};
	size_t i = 0;
	for (; i + LANES <= count; i += LANES)
		for (size_t lane = 0; lane < LANES; lane++)
			sums[lane] += x[i + lane];
	real sum = 0;
	for (; i < count; i++)
		sum += x[i];
	for (size_t lane = 0; lane < LANES; lane++)
		sum += sums[lane];
	return sum;
}

REAL_CLONES void vector_tanh(real *x, size_t count)
{
	for (size_t i = 0; i < count; i++)
		x[i] = fast_tanh(x[i]);
}

REAL_CLONES static real largest(const real *x, size_t count)
{
	real most[LANES], all = x[0];
	size_t i = 0;
	for (size_t lane = 0; lane < LANES; lane++)
		most[lane] = x[0];
	for (; i + LANES <= count; i += LANES)
		for (size_t lane = 0; lane < LANES; lane++)
			most[lane] = x[i + lane] > most[lane] ? x[i + lane] : most[lane];
	for (; i < count; i++)
		all = x[i] > all ? x[i] : all;
	for (size_t lane = 0; lane < LANES; lane++)
		all = most[lane] > all ? most[lane] : all;
	return all;
}

REAL_CLONES void vector_softmax(real *x, size_t count)
{
	assert(count > 0);
	const real most = largest(x, count);
	for (size_t i = 0; i < count; i++)
		x[i] = fast_exp(x[i] - most);
	const real scale = 1 / vector_sum(x, count);
	for (size_t i = 0; i < count; i++)
		x[i] *= scale;
}

REAL_CLONES void vector_add_bias(real *x, const real *bias, size_t rows, size_t columns)
{
	for (size_t row = 0; row < rows; row++, x += columns)
		for (size_t i = 0; i < columns; i++)
			x[i] += bias[i];
}

REAL_CLONES void vector_sum_rows(real *bias, const real *x, size_t rows, size_t columns)
{
	for (size_t row = 0; row < rows; row++, x += columns)
		for (size_t i = 0; i < columns; i++)
			bias[i] += x[i];
}
