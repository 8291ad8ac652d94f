#include "worker/network/layers/convolution.h"

#include <assert.h>

#include "worker/network/layers/panels.h"
#include "worker/network/layers/vector.h"

static size_t row_stride(const struct convolution_shape *shape)
{
	assert(shape->window % 2 == 1);
	return shape->tokens + shape->window - 1;
}

size_t convolution_padded_rows(const struct convolution_shape *shape)
{
	return shape->sentences * row_stride(shape);
}

size_t convolution_panels_size(const struct convolution_shape *shape)
{
	return panels_size(shape->window * shape->in, shape->filters);
}

/* weight' (W·D,F). */
static struct panels panels_of(const struct convolution_forward *pass, const struct convolution_shape *shape)
{
	const size_t count = shape->window * shape->in;
	const struct panels panels = {pass->panels, count, shape->filters};
	panels_put(&panels, &(struct panels_part){pass->weight, count, shape->filters, 1, count}, 0, 0);
	return panels;
}

/* One sentence at a time, which stays in the cache until its maxima are found. Windows are rows of
 * W·D that overlap: no im2col copy. */
static void convolve(const struct convolution_forward *pass, const struct panels *panels,
        const struct convolution_shape *shape, size_t b)
{
	/* convolved (tokens,F) = windows (tokens,W·D) · weight' */
	panels_multiply(panels, &(struct panels_product){.m = (size_t)pass->ends[(b + 1) * shape->segments - 1],
	                                .a = pass->input + b * row_stride(shape) * shape->in,
	                                .a_stride = shape->in,
	                                .c = pass->convolved,
	                                .c_stride = shape->filters});
}

/* Column-wise maximum of rows [from, to) of x (rows,F). */
REAL_CLONES static void max_rows(real *best, int *argmax, const real *x, const int range[2], size_t F)
{
	for (size_t f = 0; f < F; f++) {
		best[f] = x[(size_t)range[0] * F + f];
		argmax[f] = range[0];
	}
	for (int t = range[0] + 1; t < range[1]; t++) {
		const real *row = x + (size_t)t * F;
		for (size_t f = 0; f < F; f++) {
			int better = row[f] > best[f];
			best[f] = better ? row[f] : best[f];
			argmax[f] = better ? t : argmax[f];
		}
	}
}

static void pool_segment(real *best, int *argmax, const real *x, const int range[2], size_t F)
{
	if (range[0] < range[1]) {
		max_rows(best, argmax, x, range, F);
		return;
	}
	for (size_t f = 0; f < F; f++) {
		best[f] = 0;
		argmax[f] = -1;
	}
}

void convolution_forward(const struct convolution_forward *pass, const struct convolution_shape *shape)
{
	size_t F = shape->filters, S = shape->segments;
	const struct panels panels = panels_of(pass, shape);
	for (size_t b = 0; b < shape->sentences; b++) {
		int from = 0;
		convolve(pass, &panels, shape, b);
		for (size_t s = 0; s < S; s++) {
			size_t at = (b * S + s) * F;
			int range[2] = {from, pass->ends[b * S + s]};
			assert(range[1] >= 0 && (size_t)range[1] <= shape->tokens);
			pool_segment(pass->pooled + at, pass->argmax + at, pass->convolved, range, F);
			if (range[0] < range[1]) {
				vector_add_bias(pass->pooled + at, pass->bias, 1, F);
				vector_tanh(pass->pooled + at, F);
				from = range[1];
			}
		}
	}
}

/* The token of one maximum: its filter's weights (W,D) and the window of inputs it saw are both
 * contiguous. */
static void backward_window(const struct convolution_backward *pass, const struct convolution_shape *shape, size_t row,
        size_t f, real gradient)
{
	size_t count = shape->window * shape->in;
	vector_axpy(pass->d_weight + f * count, pass->input + row * shape->in, gradient, count);
	if (pass->d_input)
		vector_axpy(pass->d_input + row * shape->in, pass->weight + f * count, gradient, count);
}

void convolution_backward(const struct convolution_backward *pass, const struct convolution_shape *shape)
{
	size_t F = shape->filters, S = shape->segments;
	for (size_t at = 0; at < shape->sentences * S * F; at++) {
		if (pass->argmax[at] < 0)
			continue;
		size_t f = at % F, b = at / (S * F);
		real gradient = pass->d_pooled[at] * (1 - pass->pooled[at] * pass->pooled[at]);
		pass->d_bias[f] += gradient;
		backward_window(pass, shape, b * row_stride(shape) + (size_t)pass->argmax[at], f, gradient);
	}
}
