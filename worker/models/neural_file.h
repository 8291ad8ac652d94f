/* Neural models as files, states and spelt tokens. */
#ifndef WORKER_MODELS_NEURAL_FILE_H
#define WORKER_MODELS_NEURAL_FILE_H

#include "worker/models/neural.h"

/* As `create` and `load` in struct model_class, for a model of this kind. */
int neural_load(
        void **out, const struct model_setup *setup, const struct neural_kind *kind, const char *bytes, size_t length);

/* As in struct model_class. Numbers that run away end the pass at once; the sentence names the step. */
void neural_save(const void *model, struct text *out);
void neural_state(void *model, struct arrays *out);
int neural_spell(const void *model, const struct text_rows *rows, struct text *out);

#endif
