/* A network that guesses hidden tokens: input and body as in network.h; of the body's vectors at
 * the hidden places an affine layer, GELU and a layer norm make vectors as wide as a token's, whose
 * products with the tokens' own vectors, and a bias, are the scores (Devlin et al. 2019, §3.1; the
 * shared table: Press & Wolf 2017). A pretrained encoder guesses all tokens of its vocabulary, with
 * the activation and the norm's epsilon of its layers.
 * Legend: B sentences, T tokens, M hidden places, D width of the body, E width of a token's vector,
 * V tokens but padding and unknown, or all. */
#ifndef WORKER_NETWORK_MASKED_NETWORK_H
#define WORKER_NETWORK_MASKED_NETWORK_H

#include "worker/network/body.h"
#include "worker/network/input.h"
#include "worker/network/layers/layernorm.h"
#include "worker/network/network.h"

/* The hidden places of a batch. */
struct guesses {
	size_t count;      /* M */
	const int *places; /* (M) b·T + t, each once */
	const int *truths; /* (M) the ids there, from 2 on, or from 0 on for a pretrained encoder */
};

struct masked_network {
	struct input input;
	struct body body;
	size_t middle[2], norm[2], bias; /* tensors: weight and bias; gain and bias; bias of the scores */
	size_t first, choices;           /* id of the first choice; V */
	struct layernorm normed;         /* out (M,E) */
	real *hidden, *d_hidden;         /* (M,D) the body's vectors */
	real *middle_in, *middle_out;    /* (M,E) before and after GELU */
	real *d_normed, *d_middle;       /* (M,E) */
	real *scores;                    /* (M,V), then their gradients */
	real *d_body;                    /* (B,T,D) */
};

/* Declares all tensors; those of input and body are called as in struct network. The network may be
 * copied afterwards. 0 or -ENOMEM. */
int masked_network_declare(struct masked_network *network, struct parameters *parameters, const struct body_class *body,
        const struct network_options *options, const struct network_shape *shape);

/* Places the activations of a batch with so many hidden places. */
void masked_network_plan(
        struct masked_network *network, struct workspace *workspace, const struct batch *batch, size_t guesses);

/* Guesses: returns the sum over the places of −log p(truth) and fills *right with how many truths
 * were the likeliest. Leaves the gradient of the mean loss in network->scores. */
double masked_network_forward(
        struct masked_network *network, const struct pass *pass, const struct guesses *guesses, size_t *right);

/* Adds to the gradients, for the pass masked_network_forward made. Every row of the tokens' table
 * that is a choice may get one. */
void masked_network_backward(struct masked_network *network, const struct pass *pass, const struct guesses *guesses);

#endif
