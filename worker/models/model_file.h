/* Saved models as safetensors files. Beside a model's own tensors there are "vocabulary" (U64,
 * hashes of the tokens), "features.keys" (U64) and "features.rarity" (F32), and for byte pairs
 * "merges" (U64, pairs by rank); a model without tokens or without sparse features has none of
 * them. The metadata count them and may hold a note: name=value words that say what made the
 * model. */
#ifndef WORKER_MODELS_MODEL_FILE_H
#define WORKER_MODELS_MODEL_FILE_H

#include "schema/base/text.h"
#include "worker/features/encoder.h"
#include "worker/network/arrays.h"
#include "worker/text/tokens.h"

/* What a saved model consists of. */
struct model_file {
	struct inventory *inventory;  /* of the tokens */
	struct encoder *encoder;      /* of the sparse features */
	const struct arrays *tensors; /* the model's own */
	const char *note; /* without quotes, backslashes and control characters; "" or NULL = none; not read back */
};

/* What a header says before it lists tensors. */
struct model_file_sizes {
	size_t tokens, features, merges;
	const char *note; /* (note_length), borrowed from the file */
	size_t note_length;
};

/* Appends the whole file; memory sets out->failed. */
void model_file_print(struct text *out, const struct model_file *model_file);

/* Reads the sizes from the header. -EINVAL when it is none. */
int model_file_sizes(struct model_file_sizes *out, const char *file, size_t length);

/* Fills the empty inventory and encoder and the tensors, which are in place. -EINVAL when the file
 * holds other tensors; -ENOMEM. */
int model_file_read(const struct model_file *model_file, const char *file, size_t length);

#endif
