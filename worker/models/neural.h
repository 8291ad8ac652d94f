/* What all neural models share. A model is a body and a table of options; neural_train.h
 * trains it, neural_file.h saves it. */
#ifndef WORKER_MODELS_NEURAL_H
#define WORKER_MODELS_NEURAL_H

#include "worker/models/encoder_weights.h"
#include "worker/models/model.h"
#include "worker/models/neural_options.h"

struct neural;

/* As in struct model_class. */
int neural_create(void **out, const struct model_setup *setup, const struct text_rows *rows, struct error *error);
void neural_destroy(void *model);
int neural_encode(void **out, void *model, const struct text_rows *rows);
void neural_encoded_destroy(void *encoded);

/* A model without vocabulary and network; its options are borrowed. -EINVAL with a sentence when
 * they do not go together, or the pretrained folder that it wants is missing; -ENOMEM. */
int neural_new(struct neural **out, const struct model_setup *setup, struct error *error);

/* Declares and allocates the network for a table of so many tokens and so many sparse features. 0
 * or -ENOMEM. */
int neural_build(struct neural *neural, size_t tokens, size_t features);

/* The same for the encoder of the pretrained folder, with its weights. `found` says which
 * tensors it had; what it has not is new. -EINVAL with a sentence when it does not fit the
 * options, or lacks a tensor of the encoder; -ENOMEM. */
int neural_build_encoder(struct neural *neural, struct encoder_found *found, struct error *error);

#endif
