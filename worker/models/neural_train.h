/* Training and predicting, for all neural models. */
#ifndef WORKER_MODELS_NEURAL_TRAIN_H
#define WORKER_MODELS_NEURAL_TRAIN_H

#include "worker/models/neural.h"

/* As in struct model_class. Numbers that run away end the pass at once; the sentence names the step. */
int neural_train(void *model, double *loss, struct error *error);
int neural_predict(double *probabilities, const void *model, const void *encoded);

#endif
