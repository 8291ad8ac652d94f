/* Self-attention of every sentence within itself, over packed rows. Legend: N packed rows, D
 * width, A heads, L tokens of a sentence, T of the longest. */
#ifndef WORKER_NETWORK_PACKED_ATTENTION_H
#define WORKER_NETWORK_PACKED_ATTENTION_H

#include "worker/network/layers/dropout.h"
#include "worker/network/packing.h"

struct packed_attention {
	size_t heads, width;    /* A, D */
	struct dropout dropout; /* of the weights; set before the forward pass */
	real *qkv, *out;        /* (N,3D), filled by the caller; (N,D) */
	real *weights;          /* (A,L,L) of each sentence in turn */
	real *scratch;          /* (2,T,T) */
};

/* Places the arrays; the numbers are set. */
void packed_attention_plan(
        struct packed_attention *attention, struct workspace *workspace, const struct packing *packing);

/* Fills attention->out. */
void packed_attention_forward(const struct packed_attention *attention, const struct packing *packing);

/* Writes d_qkv (N,3D) from d_out (N,D). */
void packed_attention_backward(
        const struct packed_attention *attention, const struct packing *packing, real *d_qkv, const real *d_out);

#endif
