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

/* Q·K' of one head, softmax row by row, then ·V; L = tokens of the sentence. */
static void head_forward(real *out, real *weights, const real *qkv, size_t L, const struct self_attention_shape *shape)
{
	size_t D = shape->width, E = D / shape->heads, T = shape->tokens;
	/* weights (L,L) = scale · Q (L,E) · K' (E,L) */
	matrix_multiply(weights, qkv, qkv + D,
	        &(struct product){.m = L,
	                .n = L,
	                .k = E,
	                .lda = 3 * D,
	                .ldb = 3 * D,
	                .ldc = T,
	                .transpose_b = 1,
	                .alpha = scale_of(shape)});
	for (size_t t = 0; t < L; t++)
		vector_softmax(weights + t * T, L);
	/* out (L,E) = weights (L,L) · V (L,E) */
	matrix_multiply(out, weights, qkv + 2 * D,
	        &(struct product){.m = L, .n = E, .k = L, .lda = T, .ldb = 3 * D, .ldc = D, .alpha = 1});
}

void self_attention_forward(
        real *out, real *weights, const real *qkv, const int *lengths, const struct self_attention_shape *shape)
{
	size_t T = shape->tokens, D = shape->width, A = shape->heads;
	assert(A > 0 && D % A == 0);
	for (size_t b = 0; b < shape->sentences; b++) {
		size_t L = (size_t)lengths[b];
		assert(L >= 1 && L <= T);
		for (size_t a = 0; a < A; a++)
			head_forward(out + b * T * D + a * (D / A), weights + (b * A + a) * T * T,
			        qkv + b * T * 3 * D + a * (D / A), L, shape);
		memset(out + (b * T + L) * D, 0, (T - L) * D * sizeof *out);
	}
}

/* In place: gradient of the weights → gradient of the scores, row by row: w·(dw − Σ w dw). */
static void softmax_backward(real *d_weights, const real *weights, size_t L, size_t T)
{
	for (size_t t = 0; t < L; t++) {
		real *d = d_weights + t * T;
		const real *w = weights + t * T;
		real center = vector_dot(d, w, L);
		for (size_t j = 0; j < L; j++)
			d[j] = w[j] * (d[j] - center);
	}
}

static void head_backward(
        const struct self_attention_backward *pass, size_t b, size_t a, const struct self_attention_shape *shape)
{
	size_t T = shape->tokens, D = shape->width, E = D / shape->heads, L = (size_t)pass->lengths[b];
	const real *weights = pass->weights + (b * shape->heads + a) * T * T;
	const real *d_out = pass->d_out + b * T * D + a * E;
	const real *q = pass->qkv + b * T * 3 * D + a * E, *k = q + D, *v = q + 2 * D;
	real *d_q = pass->d_qkv + b * T * 3 * D + a * E, *d_k = d_q + D, *d_v = d_q + 2 * D;
	struct product inner = {.m = L, .n = E, .k = L, .lda = T, .ldb = 3 * D, .ldc = 3 * D, .alpha = scale_of(shape)};
	/* scratch (L,L) = d_out (L,E) · V' (E,L) */
	matrix_multiply(pass->scratch, d_out, v,
	        &(struct product){
	                .m = L, .n = L, .k = E, .lda = D, .ldb = 3 * D, .ldc = T, .transpose_b = 1, .alpha = 1});
	/* dV (L,E) = weights' (L,L) · d_out (L,E) */
	matrix_multiply(d_v, weights, d_out,
	        &(struct product){
	                .m = L, .n = E, .k = L, .lda = T, .ldb = D, .ldc = 3 * D, .transpose_a = 1, .alpha = 1});
	softmax_backward(pass->scratch, weights, L, T);
	/* dQ (L,E) = scale · dS (L,L) · K (L,E);  dK (L,E) = scale · dS' (L,L) · Q (L,E) */
	matrix_multiply(d_q, pass->scratch, k, &inner);
	inner.transpose_a = 1;
	matrix_multiply(d_k, pass->scratch, q, &inner);
}

void self_attention_backward(const struct self_attention_backward *pass, const struct self_attention_shape *shape)
{
	size_t T = shape->tokens, D = shape->width;
	for (size_t b = 0; b < shape->sentences; b++) {
		size_t L = (size_t)pass->lengths[b];
		memset(pass->d_qkv + (b * T + L) * 3 * D, 0, (T - L) * 3 * D * sizeof *pass->d_qkv);
		for (size_t a = 0; a < shape->heads; a++)
			head_backward(pass, b, a, shape);
	}
}
