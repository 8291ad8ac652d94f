/* A fine-tuned encoder as the weights of a whole pretrained folder. */
#ifndef WORKER_MODELS_NEURAL_EXPORT_H
#define WORKER_MODELS_NEURAL_EXPORT_H

#include "schema/base/text.h"

/* As `export` in struct model_class. */
int neural_export(struct text *out, const void *model);

#endif
