#include "worker/network/layers/self_attention.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "worker/network/layers/matrix.h"
#include "worker/network/layers/vector.h"

static real scale_of(const struct self_attention_shape *shape)
{
	const size_t width = shape->width / shape->heads;
	return (real)(1 / sqrt((double)width));
}

/* The weights of one head after their dropout: in scratch where there is one. */
static const real *dropped(real *scratch, const real *weights, size_t a, const struct self_attention_shape *shape)
{
	const size_t count = shape->queries * shape->tokens, range[2] = {shape->place + a * count, count};
	if (shape->dropout.rate == 0)
		return weights;
	dropout_apply(scratch, weights, &shape->dropout, range);
	return scratch;
}

/* Q·K' of one head, softmax row by row, then ·V. */
static void head_forward(const struct self_attention_forward *pass, size_t a, const struct self_attention_shape *shape)
{
	const size_t Q = shape->queries, L = shape->tokens, D = shape->width, E = D / shape->heads;
	const real *keys = pass->keys + a * E;
	real *weights = pass->weights + a * Q * L;
	/* weights (Q,L) = scale · queries (Q,E) · keys' (E,L) */
	matrix_multiply(weights, pass->queries + a * E, keys,
	        &(struct product){.m = Q,
	                .n = L,
	                .k = E,
	                .lda = shape->query_stride,
	                .ldb = shape->key_stride,
	                .ldc = L,
	                .transpose_b = 1,
	                .alpha = scale_of(shape)});
	for (size_t t = 0; t < Q; t++)
		vector_softmax(weights + t * L, L);
	/* out (Q,E) = weights (Q,L) · values (L,E) */
	matrix_multiply(pass->out + a * E, dropped(pass->scratch, weights, a, shape), keys + D,
	        &(struct product){.m = Q, .n = E, .k = L, .lda = L, .ldb = shape->key_stride, .ldc = D, .alpha = 1});
}

void self_attention_forward(const struct self_attention_forward *pass, const struct self_attention_shape *shape)
{
	assert(shape->tokens > 0 && shape->heads > 0 && shape->width % shape->heads == 0);
	for (size_t a = 0; a < shape->heads; a++)
		head_forward(pass, a, shape);
}

/* In place: gradient of the weights → gradient of the scores, row by row: w·(dw − Σ w dw). */
REAL_CLONES static void softmax_backward(real *restrict d_weights, const real *restrict weights, const size_t sizes[2])
{
	const size_t L = sizes[1];
	for (size_t t = 0; t < sizes[0]; t++) {
		real *restrict d = d_weights + t * L;
		const real *restrict w = weights + t * L;
		const real center = vector_dot(d, w, L);
		for (size_t j = 0; j < L; j++)
			d[j] = w[j] * (d[j] - center);
	}
}

static void head_backward(
        const struct self_attention_backward *pass, size_t a, const struct self_attention_shape *shape)
{
	const size_t Q = shape->queries, L = shape->tokens, D = shape->width, E = D / shape->heads,
	             S = shape->key_stride;
	const size_t range[2] = {shape->place + a * Q * L, Q * L}, sizes[2] = {Q, L};
	const real *weights = pass->weights + a * Q * L, *d_out = pass->d_out + a * E;
	const real *queries = pass->queries + a * E, *keys = pass->keys + a * E;
	real *d_keys = pass->d_keys + a * E, *d_scores = pass->scratch;
	/* d_scores (Q,L) = d_out (Q,E) · values' (E,L) */
	matrix_multiply(d_scores, d_out, keys + D,
	        &(struct product){.m = Q, .n = L, .k = E, .lda = D, .ldb = S, .ldc = L, .transpose_b = 1, .alpha = 1});
	/* d_values (L,E) = weights' (L,Q) · d_out (Q,E) */
	matrix_multiply(d_keys + D, dropped(d_scores + Q * L, weights, a, shape), d_out,
	        &(struct product){.m = L, .n = E, .k = Q, .lda = L, .ldb = D, .ldc = S, .transpose_a = 1, .alpha = 1});
	dropout_apply(d_scores, d_scores, &shape->dropout, range);
	softmax_backward(d_scores, weights, sizes);
	/* d_queries (Q,E) = scale · d_scores (Q,L) · keys (L,E) */
	matrix_multiply(pass->d_queries + a * E, d_scores, keys,
	        &(struct product){.m = Q,
	                .n = E,
	                .k = L,
	                .lda = L,
	                .ldb = S,
	                .ldc = shape->query_stride,
	                .alpha = scale_of(shape)});
	/* d_keys (L,E) = scale · d_scores' (L,Q) · queries (Q,E) */
	matrix_multiply(d_keys, d_scores, queries,
	        &(struct product){.m = L,
	                .n = E,
	                .k = Q,
	                .lda = L,
	                .ldb = shape->query_stride,
	                .ldc = S,
	                .transpose_a = 1,
	                .alpha = scale_of(shape)});
}

void self_attention_backward(const struct self_attention_backward *pass, const struct self_attention_shape *shape)
{
	for (size_t a = 0; a < shape->heads; a++)
		head_backward(pass, a, shape);
}
