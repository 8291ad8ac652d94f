#include "worker/network/layers/layernorm.h"

#include <assert.h>
#include <math.h>

#include "worker/network/layers/vector.h"

#define VARIANCE_FLOOR 1e-5

REAL_CLONES static void row_forward(const struct layernorm *pass, size_t n, size_t D)
{
	const real *in = pass->in + n * D, *gain = pass->gain, *bias = pass->bias;
	real *restrict normal = pass->normal + n * D, *restrict out = pass->out + n * D;
	const real mean = vector_sum(in, D) / (real)D;
	for (size_t i = 0; i < D; i++)
		normal[i] = in[i] - mean;
	const double variance = (double)vector_dot(normal, normal, D) / (double)D;
	const real inverse_sd = (real)(1 / sqrt(variance + VARIANCE_FLOOR));
	for (size_t i = 0; i < D; i++) {
		normal[i] *= inverse_sd;
		out[i] = normal[i] * gain[i] + bias[i];
	}
	pass->inverse_sd[n] = inverse_sd;
}

void layernorm_forward(const struct layernorm *pass, const struct layernorm_shape *shape)
{
	assert(shape->width > 0);
	for (size_t n = 0; n < shape->rows; n++)
		row_forward(pass, n, shape->width);
}

/* Row n of the pass; means of its gradient, and of gradient times normal. */
struct norm_row {
	size_t n, D;
	real means[2];
};

REAL_CLONES static void row_backward(
        real *d_in, const real *d_out, const struct layernorm *pass, const struct norm_row *row)
{
	const real *normal = pass->normal + row->n * row->D, *gain = pass->gain, inverse_sd = pass->inverse_sd[row->n];
	for (size_t i = 0, D = row->D; i < D; i++)
		d_in[i] += inverse_sd * (d_out[i] * gain[i] - row->means[0] - normal[i] * row->means[1]);
}

REAL_CLONES void layernorm_backward(real *d_in, real *const d_parameters[2], const real *d_out,
        const struct layernorm *pass, const struct layernorm_shape *shape)
{
	size_t D = shape->width;
	real *d_gain = d_parameters[0], *d_bias = d_parameters[1];
	for (size_t n = 0; n < shape->rows; n++) {
		const real *normal = pass->normal + n * D, *d = d_out + n * D;
		struct norm_row row = {n, D, {0, 0}};
		for (size_t i = 0; i < D; i++) {
			row.means[0] += d[i] * pass->gain[i];
			row.means[1] += d[i] * pass->gain[i] * normal[i];
			d_gain[i] += d[i] * normal[i];
			d_bias[i] += d[i];
		}
		row.means[0] /= (real)D;
		row.means[1] /= (real)D;
		row_backward(d_in + n * D, d, pass, &row);
	}
}
