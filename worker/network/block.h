/* One pre-norm transformer block (Vaswani et al. 2017; pre-norm as in Xiong et al. 2020, fig. 1b):
 * y = x + Attention(Norm(x)),  out = y + FFN(Norm(y)) with GELU. Legend: N packed rows, D width, A
 * heads, F inner width. */
#ifndef WORKER_NETWORK_BLOCK_H
#define WORKER_NETWORK_BLOCK_H

#include "worker/network/layers/layernorm.h"
#include "worker/network/packed_attention.h"

struct block_options {
	size_t width, heads, inner; /* D, A, F */
	double dropout;             /* of both residual branches */
};

enum block_tensor {
	BLOCK_NORM1_GAIN,
	BLOCK_NORM1_BIAS,
	BLOCK_QKV,
	BLOCK_QKV_BIAS,
	BLOCK_PROJECT,
	BLOCK_PROJECT_BIAS,
	BLOCK_NORM2_GAIN,
	BLOCK_NORM2_BIAS,
	BLOCK_INNER,
	BLOCK_INNER_BIAS,
	BLOCK_OUTER,
	BLOCK_OUTER_BIAS,
	BLOCK_TENSOR_COUNT
};

/* What blocks of one shape use in turn. */
struct block_scratch {
	const struct packing *packing;      /* of all rows here */
	real *d_wide, *d_narrow, *d_branch; /* (N, max(3D,F)), (N,D), (N,D) */
};

/* Only `rows` of all N rows go through a block whole, Q of them: of the last block those that
 * somebody reads, of the others all. */
struct block {
	struct block_options options;
	size_t tensors[BLOCK_TENSOR_COUNT];
	const struct block_scratch *scratch;
	const struct packing *rows;
	real *narrow_in, *narrow_normed, *d_all; /* where not all rows do: (Q,D), (Q,D) after the norm, (N,D) */
	struct layernorm norm[2];                /* (N,D), (Q,D) */
	struct packed_attention attention;
	real *middle, *out;         /* (Q,D): after attention, after the FFN */
	real *inner, *active;       /* (Q,F) before GELU, then its slope; after it */
	struct dropout dropouts[2]; /* of both branches */
};

/* Declares the tensors "PREFIX.norm1.gain" …. 0 or -ENOMEM. */
int block_declare(
        struct block *block, struct parameters *parameters, const char *prefix, const struct block_options *options);

/* Places scratch for blocks of these options; its packing is set. */
void block_scratch_plan(
        struct block_scratch *scratch, struct workspace *workspace, const struct block_options *options);

/* Places the activations; block->rows is set: the scratch's packing or a narrow one of it.
 * Scratch is borrowed. */
void block_plan(struct block *block, struct workspace *workspace, const struct block_scratch *scratch);

/* Fills block->out (Q,D) from in (N,D), which must stay until the backward pass. */
void block_forward(struct block *block, const struct pass *pass, const real *in);

/* Adds to the parameters' gradients; d (Q,D) is the gradient of out on entry. Returns that of
 * in (N,D): d, where all rows go through. */
real *block_backward(struct block *block, const struct pass *pass, real *d);

#endif
