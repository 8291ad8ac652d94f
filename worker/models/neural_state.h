/* A neural model in training, for the files that create, train and save it. What a pass changes has
 * to be listed in neural_state: an array that is missing there is lost when a training is
 * interrupted. */
#ifndef WORKER_MODELS_NEURAL_STATE_H
#define WORKER_MODELS_NEURAL_STATE_H

#include "worker/learning/batch_order.h"
#include "worker/learning/batcher.h"
#include "worker/models/frozen_rows.h"
#include "worker/models/model.h"
#include "worker/models/neural_options.h"
#include "worker/models/stages.h"
#include "worker/models/token_source.h"

struct neural {
	const struct neural_options *options; /* borrowed */
	struct model_setup setup;
	struct neural_kind kind;
	struct token_source source;
	struct encoder encoder; /* of the features */
	struct parameters parameters;
	struct network network;
	struct average average; /* what predicts */
	struct stages stages;
	struct frozen_rows frozen[STAGES_MAX]; /* of each stage */
	size_t stage;                          /* the network's; the last one, unless it is in training */

	/* Training only. */
	struct samples samples;
	int *labels;          /* (rows), owned */
	float *class_weights; /* (classes), owned */
	struct batch_order order;
	size_t *twice; /* (2 · batch size) row numbers of R-Drop's batch, NULL without it; owned */
	struct batcher batcher;
	struct workspace workspace;
	struct optimizer optimizer;
	struct curriculum curriculum;
	struct rng rng;
	size_t epoch;         /* finished passes */
	size_t planned_steps; /* of all epochs */
};

#endif
