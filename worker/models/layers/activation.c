#include "worker/models/layers/activation.h"

#include <math.h>

#include "worker/models/layers/vector.h"

#define ROOT_2_OVER_PI ((real)0.79788456080286535588)
#define CUBIC ((real)0.044715)

REAL_INLINE real gelu_argument(real x)
{
	return ROOT_2_OVER_PI * (x + CUBIC * x * x * x);
}

REAL_CLONES void gelu_forward(real *out, const real *x, size_t count)
{
	for (size_t i = 0; i < count; i++)
		out[i] = gelu_argument(x[i]);
	vector_tanh(out, count);
	for (size_t i = 0; i < count; i++)
		out[i] = x[i] / 2 * (1 + out[i]);
}

#define CHUNK 256

/* tanh is recomputed chunk by chunk: cheaper than keeping another activation array. */
REAL_CLONES void gelu_backward(real *d_x, const real *d_out, const real *x, size_t count)
{
	real squashed[CHUNK];
	for (size_t start = 0; start < count; start += CHUNK) {
		size_t n = count - start < CHUNK ? count - start : CHUNK;
		for (size_t i = 0; i < n; i++)
			squashed[i] = gelu_argument(x[start + i]);
		vector_tanh(squashed, n);
		for (size_t i = 0; i < n; i++) {
			real v = x[start + i], t = squashed[i];
			real slope = ROOT_2_OVER_PI * (1 + 3 * CUBIC * v * v);
			d_x[start + i] = d_out[start + i] * ((1 + t) / 2 + v / 2 * (1 - t * t) * slope);
		}
	}
}

void tanh_backward(real *d_x, const real *d_out, const real *y, size_t count)
{
	for (size_t i = 0; i < count; i++)
		d_x[i] = d_out[i] * (1 - y[i] * y[i]);
}

void dropout_forward(real *x, real *mask, double rate, size_t count, struct rng *rng)
{
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
