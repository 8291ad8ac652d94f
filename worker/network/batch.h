/* What a network sees of some sentences. Legend: B sentences, T tokens of the longest. The trainer
 * fills it and owns the arrays; they are borrowed for a forward pass and the backward pass after
 * it. */
#ifndef WORKER_NETWORK_BATCH_H
#define WORKER_NETWORK_BATCH_H

#include "schema/base/rng.h"
#include "worker/network/parameters.h"

struct batch {
	size_t sentences, tokens; /* B, T */
	const int *lengths;       /* (B), 1 … T */
	const int *ids;           /* (B,T) vocabulary rows; 0 = padding, unless the body reads the tokens itself */
	const int *positions[2];  /* (B,T) clipped distance to both entities, 1 … 2·reach + 1; 0 = padding or none */
	const int *starts[2];     /* (B) first token of subject and object; -1 = no entity */
	const int *ends[2];       /* (B) token after the last */
	const int *feature_ids;   /* sparse features of the linear model, 1 …; NULL = none */
	const float *feature_values;
	const int *feature_starts; /* (B + 1) */
	const int *gram_ids;       /* n-grams of the tokens, 1 … buckets; 0 = padding; NULL = none */
	const int *gram_starts;    /* (B·T + 1) */
	const int *types;          /* (B,T) token types of a pretrained encoder; NULL = all 0 */
	const real *hidden; /* (N,D) what its frozen layers make of the rows (body_encoder_hidden); NULL = unknown */
};

/* One pass over a batch. */
struct pass {
	const struct parameters *parameters;
	const struct batch *batch;
	struct rng *rng; /* dropout; NULL = evaluation, nothing is dropped */
};

#endif
