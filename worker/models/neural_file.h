/* Neural models written down: as files, as states of a training, as lists of tokens. */
#ifndef WORKER_MODELS_NEURAL_FILE_H
#define WORKER_MODELS_NEURAL_FILE_H

#include "worker/models/neural.h"

/* As in struct model_class. */
int neural_load(void **out, const struct model_setup *setup, const char *bytes, size_t length);
void neural_save(struct text *out, const void *model);
void neural_state(struct arrays *out, void *model);
int neural_spell(struct text *out, const void *model, const struct text_rows *rows);

#endif
