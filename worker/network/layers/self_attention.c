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
	const size_t squares = shape->tokens * shape->tokens, range[2] = {shape->place + a * squares, squares};
	if (shape->dropout.rate == 0)
		return weights;
	dropout_apply(scratch, weights, &shape->dropout, range);
	return scratch;
}

/* Q·K' of one head, softmax row by row, then ·V. */
static void head_forward(const struct self_attention_forward *pass, size_t a, const struct self_attention_shape *shape)
{
	const size_t L = shape->tokens, D = shape->width, E = D / shape->heads;
	const real *qkv = pass->qkv + a * E;
	real *weights = pass->weights + a * L * L;
	/* weights (L,L) = scale · Q (L,E) · K' (E,L) */
	matrix_multiply(weights, qkv, qkv + D,
	        &(struct product){.m = L,
	                .n = L,
	                .k = E,
	                .lda = 3 * D,
	                .ldb = 3 * D,
	                .ldc = L,
	                .transpose_b = 1,
	                .alpha = scale_of(shape)});
	for (size_t t = 0; t < L; t++)
		vector_softmax(weights + t * L, L);
	/* out (L,E) = weights (L,L) · V (L,E) */
	matrix_multiply(pass->out + a * E, dropped(pass->scratch, weights, a, shape), qkv + 2 * D,
	        &(struct product){.m = L, .n = E, .k = L, .lda = L, .ldb = 3 * D, .ldc = D, .alpha = 1});
}

void self_attention_forward(const struct self_attention_forward *pass, const struct self_attention_shape *shape)
{
	assert(shape->tokens > 0 && shape->heads > 0 && shape->width % shape->heads == 0);
	for (size_t a = 0; a < shape->heads; a++)
		head_forward(pass, a, shape);
}

/* In place: gradient of the weights → gradient of the scores, row by row: w·(dw − Σ w dw). */
REAL_CLONES static void softmax_backward(real *restrict d_weights, const real *restrict weights, size_t L)
{
	for (size_t t = 0; t < L; t++) {
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
	const size_t L = shape->tokens, D = shape->width, E = D / shape->heads,
	             range[2] = {shape->place + a * L * L, L * L};
	const real *weights = pass->weights + a * L * L, *d_out = pass->d_out + a * E;
	const real *q = pass->qkv + a * E, *k = q + D, *v = q + 2 * D;
	real *d_q = pass->d_qkv + a * E, *d_k = d_q + D, *d_v = d_q + 2 * D, *d_scores = pass->scratch;
	struct product inner = {.m = L, .n = E, .k = L, .lda = L, .ldb = 3 * D, .ldc = 3 * D, .alpha = scale_of(shape)};
	/* d_scores (L,L) = d_out (L,E) · V' (E,L) */
	matrix_multiply(d_scores, d_out, v,
	        &(struct product){
	                .m = L, .n = L, .k = E, .lda = D, .ldb = 3 * D, .ldc = L, .transpose_b = 1, .alpha = 1});
	/* dV (L,E) = weights' (L,L) · d_out (L,E) */
	matrix_multiply(d_v, dropped(d_scores + L * L, weights, a, shape), d_out,
	        &(struct product){
	                .m = L, .n = E, .k = L, .lda = L, .ldb = D, .ldc = 3 * D, .transpose_a = 1, .alpha = 1});
	dropout_apply(d_scores, d_scores, &shape->dropout, range);
	softmax_backward(d_scores, weights, L);
	/* dQ (L,E) = scale · dS (L,L) · K (L,E);  dK (L,E) = scale · dS' (L,L) · Q (L,E) */
	matrix_multiply(d_q, d_scores, k, &inner);
	inner.transpose_a = 1;
	matrix_multiply(d_k, d_scores, q, &inner);
}

void self_attention_backward(const struct self_attention_backward *pass, const struct self_attention_shape *shape)
{
	for (size_t a = 0; a < shape->heads; a++)
		head_backward(pass, a, shape);
}
