/* The middle of a network: from embedded tokens to vectors, one per token or one per sentence. A
 * body is one entry here and one file beside this one. Legend: B sentences, T tokens, I width of an
 * embedded token, D width of a body's vector. */
#ifndef WORKER_NETWORK_BODY_H
#define WORKER_NETWORK_BODY_H

#include <stdbool.h>

#include "worker/network/bilstm.h"
#include "worker/network/block.h"
#include "worker/network/encoder_block.h"
#include "worker/network/encoder_embeddings.h"

enum { BODY_LAYERS_MAX = 24 };

/* Of a pretrained encoder, beside width, heads, layers, inner, places (rows of that table here) and
 * dropout below. */
struct body_encoder_options {
	int64_t words, types;    /* rows of the tables; types 0 = there is none */
	int64_t embedding_width; /* of a word */
	int64_t pad;             /* see encoder_embeddings.h */
	double epsilon, attention_dropout;
	int activation; /* enum activation_kind */
	bool freezes;   /* the embeddings and `frozen` lower layers are as in a prediction and get no gradients */
	int64_t frozen;
};

struct body_options {
	int64_t filters, window;      /* cnn */
	int piecewise;                /* cnn: 0 = one maximum, 1 = one before, between and after the entities */
	int64_t units, lstm_layers;   /* bilstm; units per direction */
	int64_t width, heads, layers; /* transformer */
	int64_t inner;                /* transformer: width inside the feed-forward half of a block */
	int64_t places;               /* transformer: tokens of the longest sentence there may be */
	double dropout;               /* bilstm: between layers; transformer: of every branch */
	struct body_encoder_options encoder;
};

struct body_cnn {
	size_t weight, bias; /* tensors */
	int *ends, *argmax;  /* (B,S), (B,S,F) */
	real *padded, *d_padded, *convolved, *panels;
};

struct body_bilstm {
	struct bilstm layers[BODY_LAYERS_MAX];
	real *masks[BODY_LAYERS_MAX]; /* (B,T,D) dropout after all layers but the last */
	real *d_between;              /* (B,T,D) */
};

struct body_transformer {
	size_t project, project_bias, places, gain, bias; /* tensors */
	struct packing packing, narrow; /* narrow: the rows that go through the last block, if not all do */
	real *in, *projected;           /* (N,I), (N,D) */
	struct block blocks[BODY_LAYERS_MAX];
	struct block_scratch scratch;
	struct layernorm norm;
	real *d_stream, *d_in; /* (N,D), (N,I) */
};

struct body_encoder {
	struct encoder_embeddings embeddings;
	struct encoder_block blocks[BODY_LAYERS_MAX];
	struct packing packing, narrow; /* narrow: the rows that go through the last layer, if not all do */
	struct encoder_embedded embedded;
	struct encoder_layer layers[BODY_LAYERS_MAX]; /* of those that are not frozen */
	struct encoder_scratch scratch;
	struct {
		struct packing packing;
		int starts[2];
		struct encoder_embedded embedded;
		struct encoder_layer layers[2]; /* used in turn */
		struct encoder_scratch scratch;
	} frozen;       /* what the frozen part works in, a sentence at a time */
	real *hidden;   /* (N,D) after the frozen part */
	real *d_stream; /* (N,D) */
};

struct body {
	const struct body_class *class;
	struct body_options options;
	size_t in, width;     /* I, D */
	real *out;            /* (B,T,D), or (B,D) of a body that pools */
	struct wanted wanted; /* the tokens whose rows of out are read; others may be 0. Set before the plan */
	union {
		struct body_cnn cnn;
		struct body_bilstm bilstm;
		struct body_transformer transformer;
		struct body_encoder encoder;
	} as;
};

struct body_class {
	const char *name;
	bool pools;        /* one vector per sentence */
	bool reads_tokens; /* reads batch->ids itself: there is no input (in and d_in are NULL, body->in is 0) */

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

extern const struct body_class body_cnn, body_bilstm, body_transformer, body_encoder;

#endif
