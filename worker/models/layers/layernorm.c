#include "worker/models/layers/layernorm.h"

#include <math.h>

#define VARIANCE_FLOOR 1e-5

REAL_CLONES static void normalise(real *out, const real *in, size_t D, real *inverse_sd)
{
	real sum = 0, squares = 0;
	for (size_t i = 0; i < D; i++)
		sum += in[i];
	real mean = sum / (real)D;
	for (size_t i = 0; i < D; i++) {
		out[i] = in[i] - mean;
		squares += out[i] * out[i];
	}
	*inverse_sd = (real)(1 / sqrt((double)squares / (double)D + VARIANCE_FLOOR));
	for (size_t i = 0; i < D; i++)
		out[i] *= *inverse_sd;
}

void layernorm_forward(const struct layernorm *pass, const struct layernorm_shape *shape)
{
	size_t D = shape->width;
	for (size_t n = 0; n < shape->rows; n++) {
		real *normal = pass->normal + n * D, *out = pass->out + n * D;
		normalise(normal, pass->in + n * D, D, &pass->inverse_sd[n]);
		for (size_t i = 0; i < D; i++)
			out[i] = normal[i] * pass->gain[i] + pass->bias[i];
	}
}

REAL_CLONES static void row_backward(real *d_in, const real *d_out, const real *normal, const real *gain,
        const real means[2], real inverse_sd, size_t D)
{
	for (size_t i = 0; i < D; i++)
		d_in[i] += inverse_sd * (d_out[i] * gain[i] - means[0] - normal[i] * means[1]);
}

REAL_CLONES void layernorm_backward(real *d_in, real *const d_parameters[2], const real *d_out,
        const struct layernorm *pass, const struct layernorm_shape *shape)
{
	size_t D = shape->width;
	real *d_gain = d_parameters[0], *d_bias = d_parameters[1];
	for (size_t n = 0; n < shape->rows; n++) {
		const real *normal = pass->normal + n * D, *d = d_out + n * D;
		real means[2] = {0, 0}; /* of the gradient, and of gradient times normal */
		for (size_t i = 0; i < D; i++) {
			means[0] += d[i] * pass->gain[i];
			means[1] += d[i] * pass->gain[i] * normal[i];
			d_gain[i] += d[i] * normal[i];
			d_bias[i] += d[i];
		}
		means[0] /= (real)D;
		means[1] /= (real)D;
		row_backward(d_in + n * D, d, normal, pass->gain, means, pass->inverse_sd[n], D);
	}
}
