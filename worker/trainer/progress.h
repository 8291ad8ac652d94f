/* How far a training has come: what was reported, the best epoch and its model. With the model's
 * state it is all that is needed to continue to the same bits. */
#ifndef WORKER_TRAINER_PROGRESS_H
#define WORKER_TRAINER_PROGRESS_H

#include "schema/base/pieces.h"
#include "schema/base/text.h"
#include "worker/network/arrays.h"

struct progress_plan {
	size_t epochs;
	size_t score_numbers;     /* what is reported of an epoch: a struct of so many doubles */
	size_t probability_count; /* validation rows × classes */
};

struct progress {
	struct progress_plan plan;
	size_t epoch;        /* finished */
	size_t best_epoch;   /* from 1; 0 = none yet */
	double seconds;      /* spent on the finished epochs */
	char kernel[24];     /* of BLAS, with which the last epoch was computed */
	void *scores;        /* (epochs) structs of the training's own; owned */
	double *best;        /* (validation rows, classes) probabilities of the best epoch; owned */
	struct text weights; /* the best epoch's model, as its class saves it; empty when it is not wanted */
};

/* Nothing done yet. 0 or -ENOMEM (finish it all the same). */
int progress_init(struct progress *progress, const struct progress_plan *plan);
void progress_finish(struct progress *progress);

/* Puts progress and the model's state (model.h) into the sink, as a safetensors file that bears the
 * fingerprint of the training. 0, -ENOMEM, or what the sink returned. */
int progress_write(struct sink *out, const struct progress *progress, const struct arrays *state, uint64_t fingerprint);

enum { PROGRESS_TORN = 701 };

/* Restores both from the file, which is read twice, the first time to see whether it is whole. 0.
 * With nothing changed: -EINVAL when it bears another fingerprint, is cut or damaged; -ENOMEM; or
 * the source's -errno. PROGRESS_TORN when the second reading failed: the training cannot go on. */
int progress_read(struct progress *progress, const struct arrays *state, uint64_t fingerprint, struct source *file);

#endif
