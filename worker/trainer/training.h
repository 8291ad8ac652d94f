/* The loop over epochs: train, score, report, remember the best. */
#ifndef WORKER_TRAINER_TRAINING_H
#define WORKER_TRAINER_TRAINING_H

#include "worker/trainer/report.h"
#include "worker/trainer/settings.h"
#include "worker/trainer/task.h"

/* Trains the model the settings name and reports every epoch and the result; the tables also go to the folder
 * KRE_RUN_DIR when there is one. *out is the model of the epoch that counts
 * if it is to be saved or to predict, else of the last; to be destroyed by its class. -EDOM when the
 * loss is no number any more (the sentence names epoch and step); else -errno with a sentence. */
int training_run(void **out, const struct settings *settings, const struct task *task, struct error *error);

#endif
