/* A neural model as it trains; shared by the files that make, train and save it. What passes change of it is listed in
 * neural_state: an array that is not there is lost when a training is interrupted. */
#ifndef WORKER_MODELS_NEURAL_STATE_H
#define WORKER_MODELS_NEURAL_STATE_H

#include "worker/learning/batching.h"
#include "worker/models/neural.h"

struct neural {
	const struct neural_options *options; /* borrowed */
	struct model_setup setup;
	struct neural_kind kind;
	struct token_options tokens;
	struct inventory inventory;
	struct encoder encoder; /* of the features */
	struct parameters parameters;
	struct network network;
	struct average average; /* what predicts */

	/* Training only. */
	struct samples samples;
	int *labels;          /* (rows), owned */
	float *class_weights; /* (classes), owned */
	struct deal deal;
	size_t *twice; /* (2 · batch size) row numbers of R-Drop's batch, NULL without it; owned */
	struct batcher batcher;
	struct workspace workspace;
	struct optimizer optimizer;
	struct curriculum curriculum;
	struct rng rng;
	size_t epoch;         /* finished passes */
	size_t planned_steps; /* of all epochs */
};

/* A model without vocabulary and network, or NULL without memory. Its options and those of the kind are borrowed. */
struct neural *neural_new(const struct model_setup *setup, const struct neural_kind *kind);

/* Declares and allocates the network for the vocabularies' sizes. 0 or -ENOMEM. */
int neural_build(struct neural *neural, size_t tokens, size_t features);

/* What the table of options cannot say. 0, or -EINVAL with a sentence. */
int neural_check(const struct neural_options *options, const struct neural_kind *kind, struct error *error);

#endif
