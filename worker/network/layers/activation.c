#include "worker/network/layers/activation.h"

#include <assert.h>

#include "worker/network/layers/fast_exp.h"

#define TWICE_ROOT_2_OVER_PI ((real)(2 * 0.79788456080286535588))
#define CUBIC ((real)0.044715)

/* (1 + tanh u)/2 = 1/(1 + exp −2u) spares a tanh; the slope costs little beside that exp, and the
 * backward pass then needs none. */
REAL_CLONES void gelu_forward(real *restrict out, real *restrict x, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const real v = x[i], square = v * v;
		const real share = 1 / (1 + fast_exp(-TWICE_ROOT_2_OVER_PI * v * (1 + CUBIC * square)));
		out[i] = v * share;
		x[i] = share + v * share * (1 - share) * TWICE_ROOT_2_OVER_PI * (1 + 3 * CUBIC * square);
	}
}

REAL_CLONES void gelu_backward(real *d_x, const real *d_out, const real *slope, size_t count)
{
	for (size_t i = 0; i < count; i++)
		d_x[i] = d_out[i] * slope[i];
}

void tanh_backward(real *d_x, const real *d_out, const real *y, size_t count)
{
	for (size_t i = 0; i < count; i++)
		d_x[i] = d_out[i] * (1 - y[i] * y[i]);
}

void dropout_forward(real *x, real *mask, double rate, size_t count, struct rng *rng)
{
	assert(rate >= 0 && rate < 1);
	real scale = (real)(1 / (1 - rate));
	for (size_t i = 0; i < count; i++) {
		mask[i] = rng_uniform(rng) < rate ? 0 : scale;
		x[i] *= mask[i];
	}
}

void dropout_backward(real *d_x, const real *mask, size_t count)
{
	for (size_t i = 0; i < count; i++)
		d_x[i] *= mask[i];
}
