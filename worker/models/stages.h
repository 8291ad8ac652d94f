/* What of an encoder is trained when: gradual unfreezing (Howard & Ruder 2018, section 3.3), in at
 * most three stages.
 *
 *   head_epochs: the head alone  →  top_epochs: the two uppermost layers too  →  all but freeze_layers
 *
 * What stands still meanwhile is read from the stores of frozen_rows, so that the first epochs of a
 * training cost little. They are what a pruner may look at before the dear ones: the scores after
 * epoch e of all trials with the same numbers of epochs are of models trained alike. */
#ifndef WORKER_MODELS_STAGES_H
#define WORKER_MODELS_STAGES_H

#include "worker/models/neural_options.h"

enum { STAGES_MAX = 3, STAGE_TOP_LAYERS = 2 };

struct stage {
	size_t begin;   /* its first epoch, from 0 */
	int64_t frozen; /* the embeddings and so many lower layers stand still; 0 = nothing does */
};

struct stages {
	size_t count; /* at least 1 once planned */
	struct stage items[STAGES_MAX];
};

/* The stages of an encoder of so many layers, without those that have no epoch or freeze no more
 * than the next one. */
void stages_plan(struct stages *out, const struct neural_options *options, int64_t layers);

/* The stage of an epoch, from 0; and whether a stage begins with it that is not the first. */
size_t stages_find(const struct stages *stages, size_t epoch);
bool stages_turn(const struct stages *stages, size_t epoch);

/* Has the network and its tensors stand still as in this stage. Where there is but one, they were
 * declared so, whatever the body is. */
void stages_set(const struct stages *stages, size_t stage, struct network *network, struct parameters *parameters);

#endif
