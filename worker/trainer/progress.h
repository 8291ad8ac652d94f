/* How far a training has come: what was reported, the best epoch and its model. With the model's
 * state it is all that is needed to continue to the same bits. */
#ifndef WORKER_TRAINER_PROGRESS_H
#define WORKER_TRAINER_PROGRESS_H

#include "schema/base/text.h"
#include "worker/network/arrays.h"

/* What is reported of an epoch. */
struct epoch_score {
	double f1, auprc, accuracy, loss;
};

struct progress {
	size_t epochs, probability_count; /* planned; validation rows × classes */
	size_t epoch;                     /* finished */
	size_t best_epoch;                /* from 1; 0 = none yet */
	double seconds;                   /* spent on the finished epochs */
	char kernel[24];                  /* of BLAS, with which the last epoch was computed */
	struct epoch_score *scores;       /* (epochs), owned */
	double *best;                     /* (validation rows, classes) probabilities of the best epoch; owned */
	struct text weights; /* the best epoch's model, as its class saves it; empty when it is not wanted */
};

/* Nothing done yet. 0 or -ENOMEM (finish it all the same). */
int progress_init(struct progress *progress, size_t epochs, size_t probability_count);
void progress_finish(struct progress *progress);

/* Fills the empty text with progress and the model's state (model.h) as a safetensors file that
 * bears the fingerprint of the training; memory sets out->failed. */
void progress_print(
        struct text *out, const struct progress *progress, const struct arrays *state, uint64_t fingerprint);

/* Restores both from the file. 0; -ENOMEM; -EINVAL when it bears another fingerprint, is cut or
 * damaged. On failure nothing has changed. */
int progress_read(struct progress *progress, const struct arrays *state, uint64_t fingerprint, const struct text *file);

#endif
