/* One pre-norm transformer block (Vaswani et al. 2017; pre-norm as in Xiong et al. 2020, fig. 1b):
 * y = x + Attention(Norm(x)),  out = y + FFN(Norm(y)) with GELU. Legend: N = B·T rows, D width, F inner
 * width. */
#ifndef WORKER_NETWORK_BLOCK_H
#define WORKER_NETWORK_BLOCK_H

#include "worker/network/batch.h"
#include "worker/network/layers/layernorm.h"
#include "worker/network/workspace.h"

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

struct block {
	struct block_options options;
	size_t tensors[BLOCK_TENSOR_COUNT];
	struct layernorm norm[2];
	real *qkv, *weights, *attended;               /* (N,3D), (B,A,T,T), (N,D) */
	real *middle, *out;                           /* (N,D): after attention, after the FFN */
	real *inner, *active;                         /* (N,F) before GELU, then its slope; after it */
	real *masks[2];                               /* (N,D) dropout */
	real *d_wide, *d_narrow, *d_middle, *scratch; /* (N, max(3D,F)), (N,D), (N,D), (T,T) */
};

/* Declares the tensors "PREFIX.norm1.gain" …. 0 or -ENOMEM. */
int block_declare(
        struct block *block, struct parameters *parameters, const char *prefix, const struct block_options *options);

/* Places the activations for a batch. */
void block_plan(struct block *block, struct workspace *workspace, const struct batch *batch);

/* Fills block->out from in (B,T,D), which must stay until the backward pass. */
void block_forward(struct block *block, const struct pass *pass, const real *in);

/* Adds to the parameters' gradients; d (B,T,D) is the gradient of out on entry and of in on
 * return. */
void block_backward(struct block *block, const struct pass *pass, real *d);

#endif
