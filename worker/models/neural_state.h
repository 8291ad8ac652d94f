/* A neural model as it trains; shared by the files that make, train and save it. */
#ifndef WORKER_MODELS_NEURAL_STATE_H
#define WORKER_MODELS_NEURAL_STATE_H

#include "worker/models/batching.h"
#include "worker/models/neural.h"

struct neural {
	const struct neural_options *options; /* borrowed */
	struct model_setup setup;
	struct neural_kind kind;
	struct token_options tokens;
	struct lexicon lexicon;
	struct encoder encoder; /* of the features */
	struct parameters parameters;
	struct network network;
	real *average; /* running mean of the parameters, NULL = none; owned */

	/* Training only. */
	struct samples samples;
	int *labels;          /* (rows), owned */
	float *class_weights; /* (classes), owned */
	struct deal deal;
	size_t *twice; /* (2 · batch size) row numbers of R-Drop's batch, NULL without it; owned */
	struct batcher batcher;
	struct workspace workspace;
	struct optimizer optimizer;
	struct rng rng;
	size_t epoch;         /* finished passes */
	size_t planned_steps; /* of all epochs */
};

/* What the table of options cannot say: -EINVAL with a sentence when they do not go together. */
int neural_check(const struct neural_options *options, const struct neural_kind *kind, struct error *error);

/* Share of the rows, easiest first, that pass number `epoch` sees: √(progress), from a tenth to all (Platanios et al. 2019,
 * eq. 8), where short is easy. 1 without a curriculum. */
double neural_competence(const struct neural *neural, size_t epoch);

#endif
