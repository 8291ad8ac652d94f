/* Multi-head scaled dot-product self-attention (Vaswani et al. 2017, eq. 1 and §3.2.2) within one
 * sentence, on packed queries, keys and values. Legend: L tokens of the sentence, A heads, D width,
 * E = D/A width of a head. */
#ifndef WORKER_NETWORK_LAYERS_SELF_ATTENTION_H
#define WORKER_NETWORK_LAYERS_SELF_ATTENTION_H

#include "worker/network/layers/dropout.h"

struct self_attention_shape {
	size_t tokens, heads, width; /* L, A, D; A divides D */
	struct dropout dropout;      /* of the weights */
	size_t place;                /* of the first weight, for the dropout */
};

/* out (L,D); weights (A,L,L), before their dropout, are left for the backward pass. qkv
 * (L,3D); scratch (L,L). */
struct self_attention_forward {
	real *out, *weights, *scratch;
	const real *qkv;
};
void self_attention_forward(const struct self_attention_forward *pass, const struct self_attention_shape *shape);

/* Writes d_qkv (L,3D) from d_out (L,D); scratch (2,L,L). */
struct self_attention_backward {
	real *d_qkv, *scratch;
	const real *d_out, *weights, *qkv;
};
void self_attention_backward(const struct self_attention_backward *pass, const struct self_attention_shape *shape);

#endif
