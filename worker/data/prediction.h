/* Predictions as files: the competition's submission.csv for KLUE-RE, "id<TAB>label" lines for SemEval-2010 Task 8. */
#ifndef WORKER_DATA_PREDICTION_H
#define WORKER_DATA_PREDICTION_H

#include "worker/data/dataset.h"

/* Appends the file for the data set's task: one line per example in its order. probabilities (count, classes) are
 * checked first: all finite, none negative, each row summing to 1 within 1e-3. The predicted label is the most
 * probable, so the two always agree. -EINVAL with a sentence naming the row's id; -ENOMEM. */
int prediction_print(struct text *out, const struct dataset *dataset, const double *probabilities, struct error *error);

#endif
