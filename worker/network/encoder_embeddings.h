/* The bottom of a pretrained encoder: word + position + token type → layer norm → dropout
 * (Devlin et al. 2019, fig. 2), then a projection where words are narrower than the layers
 * (Clark et al. 2020). Legend: N packed rows, E width of a word, D width of the layers. */
#ifndef WORKER_NETWORK_ENCODER_EMBEDDINGS_H
#define WORKER_NETWORK_ENCODER_EMBEDDINGS_H

#include "worker/network/layers/dropout.h"
#include "worker/network/layers/layernorm.h"
#include "worker/network/packing.h"

struct encoder_embeddings_options {
	size_t words, places, types; /* rows of the tables; types 0 = there is none */
	size_t embedding, width;     /* E, D */
	int64_t pad;                 /* id; places count from pad + 1 on, and pads do not count; -1 = from 0 on */
	double epsilon, dropout;
};

enum embeddings_tensor {
	EMBEDDINGS_WORDS,
	EMBEDDINGS_PLACES,
	EMBEDDINGS_TYPES,
	EMBEDDINGS_GAIN,
	EMBEDDINGS_BIAS,
	EMBEDDINGS_PROJECT,
	EMBEDDINGS_PROJECT_BIAS,
	EMBEDDINGS_TENSOR_COUNT
};

struct encoder_embeddings {
	struct encoder_embeddings_options options;
	size_t tensors[EMBEDDINGS_TENSOR_COUNT]; /* types and the projection only where there are such */
};

/* What a forward pass leaves for the backward pass. */
struct encoder_embedded {
	const struct packing *packing; /* of the rows */
	int *rows[3];                  /* (N) of the tables of words, places and types */
	real *sum;                     /* (N,E) what the norm reads; on the way back, a gradient */
	struct layernorm norm;
	struct dropout dropout;
	real *out; /* (N,D) */
};

/* Declares the tensors "words", "places", "types", "embeddings.norm.gain" …,
 * "embeddings.project.weight" …. 0 or -ENOMEM. */
int encoder_embeddings_declare(struct encoder_embeddings *embeddings, struct parameters *parameters,
        const struct encoder_embeddings_options *options);

/* Places the activations; the packing is set. */
void encoder_embeddings_plan(
        struct encoder_embedded *embedded, const struct encoder_embeddings *embeddings, struct workspace *workspace);

/* Fills embedded->out from the ids (and types) of the packing's sentences. Ids and types are
 * rows of their tables, sentences no longer than the table of places allows (asserted). */
void encoder_embeddings_forward(
        struct encoder_embedded *embedded, const struct encoder_embeddings *embeddings, const struct pass *pass);

/* Adds to the gradients of tensors that are not frozen. */
void encoder_embeddings_backward(struct encoder_embedded *embedded, const struct encoder_embeddings *embeddings,
        const struct pass *pass, const real *d_out);

#endif
