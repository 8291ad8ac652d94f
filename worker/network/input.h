/* The bottom of every network: tokens as vectors, each beside its distances to the two entities.
 * Legend: B sentences, T tokens, W = width of a token's vector + 2 · width of a distance's. */
#ifndef WORKER_NETWORK_INPUT_H
#define WORKER_NETWORK_INPUT_H

#include "worker/network/batch.h"
#include "worker/network/workspace.h"

struct input_options {
	size_t embedding_width, position_width; /* position_width 0 = no distances */
	size_t position_reach;                  /* distances beyond are the same */
	double dropout;
	size_t tokens; /* rows of the table of tokens */
	size_t grams;  /* rows of the table of n-grams, which are added to their tokens; 0 = none */
};

struct input {
	struct input_options options;
	size_t width;                          /* W */
	size_t embedding, grams, positions[2]; /* tensors */
	real *out, *d_out, *mask;              /* (B,T,W) */
};

/* Declares the tensors "embedding", "ngrams", "positions.subject" and "positions.object". 0 or
 * -ENOMEM. */
int input_declare(struct input *input, struct parameters *parameters, const struct input_options *options);

/* Places the activations of a batch. */
void input_plan(struct input *input, struct workspace *workspace, const struct batch *batch);

/* Fills input->out. */
void input_forward(struct input *input, const struct pass *pass);

/* Adds to the gradients from input->d_out, which is overwritten. */
void input_backward(struct input *input, const struct pass *pass);

#endif
