#include "worker/network/layers/attention_pool.h"

#include <assert.h>
#include <string.h>

#include "worker/network/layers/vector.h"

void attention_pool_forward(const struct attention_pool *pass, const struct attention_pool_shape *shape)
{
	size_t B = shape->sentences, T = shape->tokens, D = shape->width;
	memcpy(pass->squashed, pass->in, T * B * D * sizeof(real));
	vector_tanh(pass->squashed, T * B * D);
	for (size_t b = 0; b < B; b++) {
		size_t length = (size_t)pass->lengths[b];
		assert(length >= 1 && length <= T);
		real *alpha = pass->alpha + b * T, *out = pass->out + b * D;
		for (size_t t = 0; t < length; t++)
			alpha[t] = vector_dot(pass->weight, pass->squashed + (b * shape->tokens + t) * D, D);
		vector_softmax(alpha, length);
		memset(alpha + length, 0, (T - length) * sizeof *alpha);
		memset(out, 0, D * sizeof *out);
		for (size_t t = 0; t < length; t++)
			vector_axpy(out, pass->in + (b * shape->tokens + t) * D, alpha[t], D);
		vector_tanh(out, D);
	}
}

/* One token: d_in through r = Σ α h, and through its score s = w·tanh(h) with derivative
 * d_score. */
struct pooled_token {
	const real *squashed; /* (D) tanh(h) */
	real d_score;
	size_t D;
};

REAL_CLONES static void token_backward(
        real *restrict d_in, real *restrict d_weight, const real *restrict weight, const struct pooled_token *token)
{
	const real *restrict squashed = token->squashed, d_score = token->d_score;
	for (size_t i = 0, D = token->D; i < D; i++) {
		d_weight[i] += d_score * squashed[i];
		d_in[i] += d_score * weight[i] * (1 - squashed[i] * squashed[i]);
	}
}

void attention_pool_backward(real *d_in, real *d_weight, const real *d_out, const struct attention_pool *pass,
        const struct attention_pool_shape *shape)
{
	size_t B = shape->sentences, D = shape->width;
	for (size_t b = 0; b < B; b++) {
		size_t length = (size_t)pass->lengths[b];
		const real *alpha = pass->alpha + b * shape->tokens;
		real *out = pass->out + b * D, center = 0;
		for (size_t i = 0; i < D; i++) /* becomes the gradient of the mean under the tanh */
			out[i] = d_out[b * D + i] * (1 - out[i] * out[i]);
		for (size_t t = 0; t < length; t++) /* Σ_t α_t (dr·h_t) centres the softmax */
			center += alpha[t] * vector_dot(out, pass->in + (b * shape->tokens + t) * D, D);
		for (size_t t = 0; t < length; t++) {
			const size_t at = (b * shape->tokens + t) * D;
			const real d_alpha = vector_dot(out, pass->in + at, D);
			const struct pooled_token token = {pass->squashed + at, alpha[t] * (d_alpha - center), D};
			vector_axpy(d_in + at, out, alpha[t], D);
			token_backward(d_in + at, d_weight, pass->weight, &token);
		}
	}
}
