/* The middle of a network: from embedded tokens to vectors, one per token or one per sentence. A
 * body is one entry here and one file beside this one. Legend: B sentences, T tokens, I width of an
 * embedded token, D width of a body's vector. */
#ifndef WORKER_NETWORK_BODY_H
#define WORKER_NETWORK_BODY_H

#include <stdbool.h>

#include "worker/network/bilstm.h"
#include "worker/network/block.h"

enum { BODY_LAYERS_MAX = 12 };

struct body_options {
	int64_t filters, window;      /* cnn */
	int piecewise;                /* cnn: 0 = one maximum, 1 = one before, between and after the entities */
	int64_t units, lstm_layers;   /* bilstm; units per direction */
	int64_t width, heads, layers; /* transformer */
	int64_t inner;                /* transformer: width inside the feed-forward half of a block */
	int64_t places;               /* transformer: tokens of the longest sentence there may be */
	double dropout;               /* bilstm: between layers; transformer: of every branch */
};

struct body_cnn {
	size_t weight, bias; /* tensors */
	int *ends, *argmax;  /* (B,S), (B,S,F) */
	real *padded, *d_padded, *scratch;
};

struct body_bilstm {
	struct bilstm layers[BODY_LAYERS_MAX];
	real *masks[BODY_LAYERS_MAX]; /* (B,T,D) dropout after all layers but the last */
	real *d_between;              /* (B,T,D) */
};

struct body_transformer {
	size_t project, project_bias, places, gain, bias; /* tensors */
	const real *in;                                   /* (B,T,I), borrowed */
	real *projected;                                  /* (B,T,D) */
	struct block blocks[BODY_LAYERS_MAX];
	struct layernorm norm;
	real *d_stream; /* (B,T,D) */
};

struct body {
	const struct body_class *class;
	struct body_options options;
	size_t in, width; /* I, D */
	real *out;        /* (B,T,D), or (B,D) of a body that pools */
	union {
		struct body_cnn cnn;
		struct body_bilstm bilstm;
		struct body_transformer transformer;
	} as;
};

struct body_class {
	const char *name;
	bool pools; /* one vector per sentence */

	/* Declares the tensors for inputs of width body->in and sets body->width. 0 or -ENOMEM. */
	int (*declare)(struct body *body, struct parameters *parameters);

	/* Places body->out and what the passes need for a batch. */
	void (*plan)(struct body *body, struct workspace *workspace, const struct batch *batch);

	/* Fills body->out from in (B,T,I), which stays until the backward pass. */
	void (*forward)(struct body *body, const struct pass *pass, const real *in);

	/* Adds to the parameters' gradients and writes d_in (B,T,I). d_out (shaped as out) is
	 * overwritten. */
	void (*backward)(struct body *body, const struct pass *pass, real *d_in, real *d_out);
};

extern const char *const cnn_pooling_names[]; /* max, piecewise: body_options.piecewise; ended by NULL */

extern const struct body_class body_cnn, body_bilstm, body_transformer;

#endif
