/* The weights of a whole pretrained folder, after a training. */
#ifndef WORKER_MODELS_ENCODER_PRINT_H
#define WORKER_MODELS_ENCODER_PRINT_H

#include "worker/models/encoder_weights.h"

/* Appends a file of safetensors: the tensors in `values`, laid out as parameters->values, under
 * their names in files, and what else the folder has. 0 or -ENOMEM. */
int encoder_print(struct text *out, const struct encoder_tensors *tensors, real *values);

#endif
