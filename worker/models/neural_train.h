/* Training and predicting, for all neural models. */
#ifndef WORKER_MODELS_NEURAL_TRAIN_H
#define WORKER_MODELS_NEURAL_TRAIN_H

#include "worker/models/neural.h"

/* As in struct model_class. A pass ends as soon as loss or gradient is not finite; the sentence
 * names the batch. */
int neural_train(double *loss, void *model, struct error *error);
int neural_predict(double *probabilities, const void *model, const void *encoded);

#endif
