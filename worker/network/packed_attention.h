/* Self-attention of every sentence within itself, over packed rows. Legend: N packed rows, D
 * width, A heads, L tokens of a sentence, T of the longest. */
#ifndef WORKER_NETWORK_PACKED_ATTENTION_H
#define WORKER_NETWORK_PACKED_ATTENTION_H

#include "worker/network/layers/dropout.h"
#include "worker/network/packing.h"

struct packed_attention {
	size_t heads, width; /* A, D */
	const struct packing *tokens,
	        *queries;                   /* all rows, and those that ask: the same packing, or a narrow one of it */
	struct dropout dropout;             /* of the weights; set before the forward pass */
	real *qkv;                          /* (N,3D) when all ask; filled by the caller */
	real *narrow_queries, *keys_values; /* (Q,D), (N,2D) when not all do; likewise */
	real *out;                          /* (Q,D) */
	real *weights;                      /* (A, queries, tokens) of each sentence in turn */
	real *scratch;                      /* (2, most queries, most tokens) */
};

/* Places the arrays; the numbers and packings are set. */
void packed_attention_plan(struct packed_attention *attention, struct workspace *workspace);

/* Fills attention->out. */
void packed_attention_forward(const struct packed_attention *attention);

/* Writes d_qkv (N,3D) from d_out (Q,D); where not all ask, d_keys_values (N,2D) and after it
 * d_queries (Q,D). */
void packed_attention_backward(const struct packed_attention *attention, real *d_qkv, const real *d_out);

#endif
