/* What a pretrained folder holds, for people: can it be read, and what is in it. */
#ifndef WORKER_TRAINER_DESCRIPTION_H
#define WORKER_TRAINER_DESCRIPTION_H

#include "schema/base/error.h"
#include "schema/base/text.h"

/* Appends lines about the encoder, its tokenizer and its weights, and one per tensor: its kind,
 * shape, root mean square and name. -errno with a sentence when the folder is none that a model can
 * begin with. */
int description_print(struct text *out, const char *folder, struct error *error);

#endif
