/* Attention over tokens (Zhou et al. 2016, "Attention-Based Bidirectional LSTM Networks for
 * Relation Classification", eq. 9–12): M = tanh(H), α = softmax(wᵀM), r = H αᵀ, h* = tanh(r).
 * Sentence-major (B,T,D). Legend: B sentences, T tokens, D width. */
#ifndef WORKER_NETWORK_LAYERS_ATTENTION_POOL_H
#define WORKER_NETWORK_LAYERS_ATTENTION_POOL_H

#include "worker/network/layers/real.h"

struct attention_pool_shape {
	size_t sentences, tokens, width; /* B, T, D */
};

/* out (B,D), alpha (B,T) and squashed (B,T,D) = tanh(in) are left for the backward pass. weight
 * (D). */
struct attention_pool {
	real *out, *alpha, *squashed;
	const real *in, *weight;
	const int *lengths; /* (B) */
};
void attention_pool_forward(const struct attention_pool *pass, const struct attention_pool_shape *shape);

/* Adds to d_weight (D) and d_in (B,T,D) from d_out (B,D); pass->out is overwritten. */
void attention_pool_backward(real *d_in, real *d_weight, const real *d_out, const struct attention_pool *pass,
        const struct attention_pool_shape *shape);

#endif
