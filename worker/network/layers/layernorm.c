#include "worker/network/layers/layernorm.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>

#include "worker/network/layers/vector.h"

enum { LANES = 8 };

/* One row of a pass. */
struct norm_row {
	size_t n, D;
	double epsilon;
	bool alone; /* the gradient is written, not added */
};

REAL_CLONES static void row_forward(const struct layernorm *pass, const struct norm_row *row)
{
	const size_t n = row->n, D = row->D;
	const real *in = pass->in + n * D, *gain = pass->gain, *bias = pass->bias;
	real *restrict normal = pass->normal + n * D, *restrict out = pass->out + n * D;
	const real mean = vector_sum(in, D) / (real)D;
	for (size_t i = 0; i < D; i++)
		normal[i] = in[i] - mean;
	const double variance = (double)vector_dot(normal, normal, D) / (double)D;
	const real inverse_sd = (real)(1 / sqrt(variance + row->epsilon));
	for (size_t i = 0; i < D; i++) {
		normal[i] *= inverse_sd;
		out[i] = normal[i] * gain[i] + bias[i];
	}
	pass->inverse_sd[n] = inverse_sd;
}

static struct norm_row first_row(const struct layernorm_shape *shape)
{
	assert(shape->width > 0);
	return (struct norm_row){0, shape->width, shape->epsilon > 0 ? shape->epsilon : LAYERNORM_EPSILON, false};
}

void layernorm_forward(const struct layernorm *pass, const struct layernorm_shape *shape)
{
	for (struct norm_row row = first_row(shape); row.n < shape->rows; row.n++)
		row_forward(pass, &row);
}

/* Means over a row of its gradient times the gain, and of that times normal. Eight running
 * sums each, as in vector_dot. */
REAL_CLONES static void find_means(
        real means[2], const real *d, const struct layernorm *pass, const struct norm_row *row)
{
	const size_t D = row->D;
	const real *normal = pass->normal + row->n * D, *gain = pass->gain;
	real sums[LANES] = {0}, dots[LANES] = {0};
	size_t i = 0;
	for (; i + LANES <= D; i += LANES)
		for (size_t lane = 0; lane < LANES; lane++) {
			const real pull = d[i + lane] * gain[i + lane];
			sums[lane] += pull;
			dots[lane] += pull * normal[i + lane];
		}
	means[0] = means[1] = 0;
	for (; i < D; i++) {
		means[0] += d[i] * gain[i];
		means[1] += d[i] * gain[i] * normal[i];
	}
	for (size_t lane = 0; lane < LANES; lane++) {
		means[0] += sums[lane];
		means[1] += dots[lane];
	}
	means[0] /= (real)D;
	means[1] /= (real)D;
}

REAL_CLONES static void row_backward(
        real *d_in, const real *d_out, const struct layernorm *pass, const struct norm_row *row)
{
	const real *normal = pass->normal + row->n * row->D, *gain = pass->gain, inverse_sd = pass->inverse_sd[row->n];
	real means[2];
	find_means(means, d_out, pass, row);
	if (row->alone)
		for (size_t i = 0, D = row->D; i < D; i++)
			d_in[i] = inverse_sd * (d_out[i] * gain[i] - means[0] - normal[i] * means[1]);
	else
		for (size_t i = 0, D = row->D; i < D; i++)
			d_in[i] += inverse_sd * (d_out[i] * gain[i] - means[0] - normal[i] * means[1]);
}

REAL_CLONES static void add_products(real *restrict sum, const real *x, const real *y, size_t count)
{
	for (size_t i = 0; i < count; i++)
		sum[i] += x[i] * y[i];
}

static void add_to_parameters(
        real *const d_parameters[2], const real *d, const struct layernorm *pass, const struct norm_row *row)
{
	if (d_parameters[0])
		add_products(d_parameters[0], d, pass->normal + row->n * row->D, row->D);
	if (d_parameters[1])
		vector_axpy(d_parameters[1], d, 1, row->D);
}

void layernorm_backward(real *d_in, real *const d_parameters[2], const real *d_out, const struct layernorm *pass,
        const struct layernorm_shape *shape)
{
	for (struct norm_row row = first_row(shape); row.n < shape->rows; row.n++) {
		const size_t at = row.n * row.D;
		add_to_parameters(d_parameters, d_out + at, pass, &row);
		row_backward(d_in + at, d_out + at, pass, &row);
	}
}

void layernorm_backward_alone(real *d_in, real *const d_parameters[2], const real *d_out, const struct layernorm *pass,
        const struct layernorm_shape *shape)
{
	for (struct norm_row row = first_row(shape); row.n < shape->rows; row.n++) {
		const size_t at = row.n * row.D;
		row.alone = true;
		add_to_parameters(d_parameters, d_out + at, pass, &row);
		row_backward(d_in + at, d_out + at, pass, &row);
	}
}
