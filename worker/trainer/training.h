/* The loop over epochs: train, score, report, remember the best. */
#ifndef WORKER_TRAINER_TRAINING_H
#define WORKER_TRAINER_TRAINING_H

#include "worker/trainer/report.h"
#include "worker/trainer/settings.h"
#include "worker/trainer/task.h"

struct trained {
	void *model; /* of the epoch that counts if it is to predict, else of the last; owned */
	struct text
	        weights; /* of the epoch that counts, as the model's class saves them; if wanted (settings_want_model) */
	double *held_out; /* (validation rows, classes) probabilities of the epoch that counts; owned */
};

/* Trains the model the settings name and reports every epoch and the result; the tables also go to
 * the folder KRE_RUN_DIR when there is one. Epochs that a checkpoint of the same training holds are
 * reported again, but not computed again. -EDOM when loss or gradient are not finite (the sentence
 * names epoch and step); else -errno with a sentence. Finish *out in every case; it is empty after
 * an error. */
int training_run(struct trained *out, const struct settings *settings, const struct task *task, struct error *error);
void trained_finish(struct trained *trained, const struct settings *settings);

#endif
