/* kre-train evaluate: what a saved model is worth on rows whose classes are known. */
#ifndef WORKER_TRAINER_SCORING_H
#define WORKER_TRAINER_SCORING_H

#include "worker/trainer/saved_model.h"

/* Appends a line "f1=… auprc=… accuracy=… rows=…" for the rows of the file. -EINVAL with a sentence
 * when the file is of another task; -errno likewise; -ENOMEM. */
int scoring_run(struct text *out, const struct predictor *predictor, const char *path, struct error *error);

#endif
