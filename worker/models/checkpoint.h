/* Saved models as safetensors files. Beside a model's own tensors there are "vocabulary" (U64, hashes of the tokens),
 * "features.keys" (U64) and "features.rarity" (F32), and for byte pairs "merges" (U64, pairs in their turn); a model without tokens
 * or without sparse features has none of them. The metadata count them and may hold a note: name=value words that say what made
 * the model. */
#ifndef WORKER_MODELS_CHECKPOINT_H
#define WORKER_MODELS_CHECKPOINT_H

#include "schema/base/text.h"
#include "worker/models/arrays.h"
#include "worker/models/encoder.h"
#include "worker/models/tokens.h"

/* What a saved model consists of. */
struct checkpoint {
	struct inventory *inventory;  /* of the tokens */
	struct encoder *encoder;      /* of the sparse features */
	const struct arrays *tensors; /* the model's own */
	const char *note; /* without quotes, backslashes and control characters; "" or NULL = none; not read back */
};

/* What a header says before it lists tensors. */
struct checkpoint_sizes {
	size_t tokens, features, merges;
	const char *note; /* (note_length), borrowed from the file */
	size_t note_length;
};

/* Appends the whole file; memory sets out->failed. */
void checkpoint_print(struct text *out, const struct checkpoint *checkpoint);

/* Reads the sizes from the header. -EINVAL when it is none. */
int checkpoint_sizes(struct checkpoint_sizes *out, const char *file, size_t length);

/* Fills the empty inventory and encoder and the tensors, which are in place. -EINVAL when the file holds other tensors;
 * -ENOMEM. */
int checkpoint_read(const struct checkpoint *checkpoint, const char *file, size_t length);

#endif
