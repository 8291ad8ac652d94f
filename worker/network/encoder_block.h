/* One post-norm layer of a pretrained encoder (Vaswani et al. 2017; Devlin et al. 2019):
 * y = Norm(x + drop(Attention(x))),  out = Norm(y + drop(FFN(y))). Legend: N packed rows, D width, A
 * heads, F inner width. */
#ifndef WORKER_NETWORK_ENCODER_BLOCK_H
#define WORKER_NETWORK_ENCODER_BLOCK_H

#include "worker/network/layers/activation.h"
#include "worker/network/layers/layernorm.h"
#include "worker/network/packed_attention.h"

struct encoder_block_options {
	size_t width, heads, inner; /* D, A, F */
	double dropout, attention_dropout;
	double epsilon; /* of the norms */
	enum activation_kind activation;
};

enum encoder_tensor {
	ENCODER_QKV,
	ENCODER_QKV_BIAS,
	ENCODER_PROJECT,
	ENCODER_PROJECT_BIAS,
	ENCODER_NORM1_GAIN,
	ENCODER_NORM1_BIAS,
	ENCODER_INNER,
	ENCODER_INNER_BIAS,
	ENCODER_OUTER,
	ENCODER_OUTER_BIAS,
	ENCODER_NORM2_GAIN,
	ENCODER_NORM2_BIAS,
	ENCODER_TENSOR_COUNT
};

struct encoder_block {
	struct encoder_block_options options;
	size_t tensors[ENCODER_TENSOR_COUNT];
};

/* What all blocks use in turn. */
struct encoder_scratch {
	real *sum;                     /* (N,D) what a norm reads; on the way back, a gradient */
	real *d_wide, *d_branch;       /* (N, max(3D,F)), (N,D) */
	const struct packing *packing; /* of all these rows */
};

/* What a forward pass leaves for the backward pass. Only `rows` of all N rows go through it
 * whole, Q of them: of the last layer those that somebody reads, of the others all. */
struct encoder_layer {
	const struct packing *rows;
	const real *in;          /* (N,D), borrowed */
	real *narrow_in, *d_all; /* where not all rows go through: (Q,D) of in, (N,D) its gradient */
	struct packed_attention attention;
	struct layernorm norm[2];   /* the second one's out is the block's */
	real *inner, *active;       /* (Q,F) before the activation, then its slope; after it */
	struct dropout dropouts[2]; /* of both branches */
};

/* Declares the tensors "PREFIX.qkv.weight" …. 0 or -ENOMEM. */
int encoder_block_declare(struct encoder_block *block, struct parameters *parameters, const char *prefix,
        const struct encoder_block_options *options);

/* Places scratch for blocks like this one, whose packing is set. */
void encoder_scratch_plan(
        struct encoder_scratch *scratch, struct workspace *workspace, const struct encoder_block_options *options);

/* Places the activations; layer->rows is set: `packing` or a narrow one of it. */
void encoder_layer_plan(struct encoder_layer *layer, struct workspace *workspace, const struct packing *packing,
        const struct encoder_block_options *options);

/* A block at work in one pass. */
struct encoder_step {
	const struct encoder_block *block;
	struct encoder_layer *layer;
	const struct encoder_scratch *scratch;
	const struct pass *pass;
};

/* Fills layer->norm[1].out (Q,D) from in (N,D), which must stay until the backward pass. */
void encoder_block_forward(const struct encoder_step *step, const real *in);

/* Adds to the gradients of tensors that are not frozen; d (Q,D) is the gradient of out on entry.
 * Returns that of in (N,D): d, where all rows go through. */
real *encoder_block_backward(const struct encoder_step *step, real *d);

#endif
