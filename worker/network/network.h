/* A whole network: embedded tokens and distances to the entities → body → pool → head → one score
 * per class; beside it, for the mixed model, a linear layer on sparse features whose scores are
 * added.
 * Legend: B sentences, T tokens, R width of a sentence, C classes. */
#ifndef WORKER_NETWORK_NETWORK_H
#define WORKER_NETWORK_NETWORK_H

#include "worker/network/body.h"
#include "worker/network/input.h"
#include "worker/network/pool.h"

/* linear  an affine layer
 * mlp     affine, tanh, dropout, affine
 * lstm    a pool by an LSTM, and an affine layer
 * hf      as Hugging Face's models for sequences: affine as wide as the body, an activation, dropout,
 *         affine */
enum head_kind { HEAD_LINEAR, HEAD_MLP, HEAD_LSTM, HEAD_HF };
extern const char *const head_names[], *const encoder_head_names[]; /* without and with hf; ended by NULL */

struct network_options {
	int64_t embedding_width;
	int64_t position_width; /* of each of the two distances; 0 = none */
	int64_t position_reach; /* distances beyond are the same */
	double embedding_dropout, hidden_dropout;
	struct body_options body;
	int pooling; /* enum pool_kind; not looked at when the body or the head pools */
	int head;    /* enum head_kind */
	int64_t head_width;
	int head_activation;   /* hf: enum activation_kind */
	bool head_drops_first; /* hf: dropout before its first layer too */
};

struct network_shape {
	size_t tokens;   /* rows of the embedding */
	size_t features; /* rows of the linear layer; 0 = none */
	size_t classes;
	size_t grams; /* rows of the table of n-grams; 0 = none */
};

struct network {
	struct network_options options;
	struct network_shape shape;
	size_t features;          /* tensor */
	size_t hidden[2], out[2]; /* tensors: weight and bias */
	struct input input;
	struct body body;
	struct pool pool;
	size_t width;                      /* R */
	real *sentence, *d_sentence;       /* (B,R) after dropout */
	real *sentence_mask, *middle_mask; /* (B,R), (B,M) dropout */
	size_t middle_width;               /* M, of the mlp and hf; 0 = the head has one layer */
	real *middle, *d_middle, *slope;   /* (B,M) between the layers; the activation's slope */
	real *d_body;                      /* as body.out */
	real *scores, *d_scores;           /* (B,C) */
};

/* Declares the tensors of input and body, whose class is set; the body reads what the input
 * writes, or the tokens itself: then there is no input. 0 or -ENOMEM. */
int network_declare_lower(struct input *input, struct body *body, struct parameters *parameters,
        const struct network_options *options, const struct network_shape *shape);

/* Declares all tensors. The network may be copied afterwards: a copy with a workspace of its own is
 * another reader of the same parameters. 0 or -ENOMEM. */
int network_declare(struct network *network, struct parameters *parameters, const struct body_class *body,
        const struct network_options *options, const struct network_shape *shape);

/* Places the activations of a batch. */
void network_plan(struct network *network, struct workspace *workspace, const struct batch *batch);

/* Fills network->scores (B,C). */
void network_forward(struct network *network, const struct pass *pass);

/* Adds to the gradients from network->d_scores (B,C), for the pass network_forward made. */
void network_backward(struct network *network, const struct pass *pass);

#endif
