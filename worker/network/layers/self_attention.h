/* Multi-head scaled dot-product self-attention (Vaswani et al. 2017, eq. 1 and §3.2.2) within
 * one sentence. Legend: L tokens of the sentence, Q of them that ask, A heads, D width, E =
 * D/A width of a head. */
#ifndef WORKER_NETWORK_LAYERS_SELF_ATTENTION_H
#define WORKER_NETWORK_LAYERS_SELF_ATTENTION_H

#include "worker/network/layers/dropout.h"

struct self_attention_shape {
	size_t queries, tokens, heads, width; /* Q, L, A, D; A divides D */
	size_t query_stride, key_stride;      /* lengths of stored rows of queries, and of keys beside values */
	struct dropout dropout;               /* of the weights */
	size_t place;                         /* of the first weight, for the dropout */
};

/* out (Q,D); weights (A,Q,L), before their dropout, are left for the backward pass. queries (Q,D);
 * keys (L,D), with the values D after them in a row; scratch (Q,L). */
struct self_attention_forward {
	real *out, *weights, *scratch;
	const real *queries, *keys;
};
void self_attention_forward(const struct self_attention_forward *pass, const struct self_attention_shape *shape);

/* Writes d_queries and d_keys, stored as queries and keys, from d_out (Q,D); scratch (2,Q,L). */
struct self_attention_backward {
	real *d_queries, *d_keys, *scratch;
	const real *d_out, *weights, *queries, *keys;
};
void self_attention_backward(const struct self_attention_backward *pass, const struct self_attention_shape *shape);

#endif
