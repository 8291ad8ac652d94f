/* Saved models as safetensors files. Beside a model's own tensors there are "vocabulary" (U64, hashes of the tokens) and
 * "features.keys" (U64) and "features.rarity" (F32); a model without tokens or without sparse features has none of them. */
#ifndef WORKER_MODELS_CHECKPOINT_H
#define WORKER_MODELS_CHECKPOINT_H

#include "schema/base/text.h"
#include "worker/models/arrays.h"
#include "worker/models/encoder.h"
#include "worker/models/vocabulary.h"

/* What a saved model consists of. */
struct checkpoint {
	struct vocabulary *vocabulary; /* of the tokens */
	struct encoder *encoder;       /* of the sparse features */
	const struct arrays *tensors;  /* the model's own */
};

/* Appends the whole file; memory sets out->failed. */
void checkpoint_print(struct text *out, const struct checkpoint *checkpoint);

/* Reads the numbers of tokens and features from the header. -EINVAL when it is none. */
int checkpoint_sizes(size_t *tokens, size_t *features, const char *file, size_t length);

/* Fills the empty vocabulary and encoder and the tensors, which are in place. -EINVAL when the file holds other tensors;
 * -ENOMEM. */
int checkpoint_read(const struct checkpoint *checkpoint, const char *file, size_t length);

#endif
