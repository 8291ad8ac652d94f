/* Multi-head scaled dot-product self-attention (Vaswani et al. 2017, eq. 1 and §3.2.2) on packed
 * queries, keys and values. Legend: B sentences, T tokens, A heads, D width, E = D/A width of a
 * head. Rows are sentence-major, (B,T,·). */
#ifndef WORKER_NETWORK_LAYERS_SELF_ATTENTION_H
#define WORKER_NETWORK_LAYERS_SELF_ATTENTION_H

#include "worker/network/layers/real.h"

struct self_attention_shape {
	size_t sentences, tokens, heads, width; /* B, T, A, D; A divides D */
};

/* out (B,T,D); weights (B,A,T,T) are left for the backward pass. qkv (B,T,3D). Tokens past lengths
 * (B) attend to nothing and are attended by none: their rows of out are 0. */
void self_attention_forward(
        real *out, real *weights, const real *qkv, const int *lengths, const struct self_attention_shape *shape);

/* Writes d_qkv (B,T,3D) from d_out (B,T,D); scratch (T,T). */
struct self_attention_backward {
	real *d_qkv, *scratch;
	const real *d_out, *weights, *qkv;
	const int *lengths;
};
void self_attention_backward(const struct self_attention_backward *pass, const struct self_attention_shape *shape);

#endif
