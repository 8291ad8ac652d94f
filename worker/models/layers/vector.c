#include "worker/models/layers/vector.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

REAL_CLONES void vector_axpy(real *y, const real *x, real alpha, size_t count)
{
	for (size_t i = 0; i < count; i++)
		y[i] += alpha * x[i];
}

/* Eight running sums: the order of additions is fixed by the source, so every build and machine gives the same bits, and the
 * compiler may still use vectors. */
REAL_CLONES real vector_dot(const real *x, const real *y, size_t count)
{
	real sums[8] = {0};
	size_t i = 0;
	for (; i + 8 <= count; i += 8)
		for (size_t lane = 0; lane < 8; lane++)
			sums[lane] += x[i + lane] * y[i + lane];
	real sum = 0;
	for (; i < count; i++)
		sum += x[i] * y[i];
	for (size_t lane = 0; lane < 8; lane++)
		sum += sums[lane];
	return sum;
}

#ifdef REAL_IS_DOUBLE
REAL_INLINE real fast_exp(real x)
{
	return exp(x);
}
#else
/* exp x = 2^n · exp r with |r| ≤ ln 2 / 2 and a degree-6 polynomial for exp r (Cody & Waite 1980, ch. 6; minimax coefficients
 * of Cephes' expf). No branch, so that loops over it vectorise. */
REAL_INLINE real fast_exp(real x)
{
	x = x > 88.0f ? 88.0f : x;
	x = x < -87.0f ? -87.0f : x;
	float shifted = x * 1.44269504088896341f + 12582912.0f;
	float n = shifted - 12582912.0f;
	float r = x - n * 0.693359375f;
	r = r + n * 2.12194440e-4f;
	float p = 1.9875691500e-4f;
	p = p * r + 1.3981999507e-3f;
	p = p * r + 8.3334519073e-3f;
	p = p * r + 4.1665795894e-2f;
	p = p * r + 1.6666665459e-1f;
	p = p * r + 5.0000001201e-1f;
	p = p * r * r + r + 1.0f;
	int32_t exponent;
	memcpy(&exponent, &shifted, sizeof exponent);
	int32_t bits;
	memcpy(&bits, &p, sizeof bits);
	bits += (int32_t)((uint32_t)exponent << 23);
	memcpy(&p, &bits, sizeof p);
	return p;
}
#endif

REAL_CLONES void vector_exp(real *x, size_t count)
{
	for (size_t i = 0; i < count; i++)
		x[i] = fast_exp(x[i]);
}

REAL_CLONES void vector_sigmoid(real *x, size_t count)
{
	for (size_t i = 0; i < count; i++)
		x[i] = 1 / (1 + fast_exp(-x[i]));
}

REAL_CLONES void vector_tanh(real *x, size_t count)
{
	for (size_t i = 0; i < count; i++)
		x[i] = 2 / (1 + fast_exp(-2 * x[i])) - 1;
}

void vector_softmax(real *x, size_t count)
{
	real largest = x[0];
	for (size_t i = 1; i < count; i++)
		largest = x[i] > largest ? x[i] : largest;
	for (size_t i = 0; i < count; i++)
		x[i] -= largest;
	vector_exp(x, count);
	real sum = 0;
	for (size_t i = 0; i < count; i++)
		sum += x[i];
	for (size_t i = 0; i < count; i++)
		x[i] /= sum;
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
