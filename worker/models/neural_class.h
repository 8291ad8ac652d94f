/* The part of struct model_class that is the same in all neural models. */
#ifndef WORKER_MODELS_NEURAL_CLASS_H
#define WORKER_MODELS_NEURAL_CLASS_H

#include "worker/models/neural_file.h"
#include "worker/models/neural_train.h"

#define NEURAL_FUNCTIONS                                                                                               \
	.option_bytes = sizeof(struct neural_options), .create = neural_create, .destroy = neural_destroy,             \
	.train = neural_train, .encode = neural_encode, .encoded_destroy = neural_encoded_destroy,                     \
	.predict = neural_predict, .save = neural_save, .load = neural_load, .state = neural_state,                    \
	.spell = neural_spell

#endif
