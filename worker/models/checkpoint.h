/* Networks as safetensors files (huggingface/safetensors, format 0.3): the length of a JSON header, the header, the tensors.
 * Beside the network's tensors there are "vocabulary" (U64, hashes of the tokens) and, for the mixed model,
 * "features.keys" (U64) and "features.rarity" (F32); for byte pairs "merges" (U64, pairs in their turn). The metadata count them
 * and may hold a note: name=value words that say what made the network. */
#ifndef WORKER_MODELS_CHECKPOINT_H
#define WORKER_MODELS_CHECKPOINT_H

#include "schema/base/text.h"
#include "worker/models/bytes.h"
#include "worker/models/encoder.h"
#include "worker/models/parameters.h"
#include "worker/models/tokens.h"

struct checkpoint {
	const struct lexicon *lexicon;
	const struct encoder *encoder;
	const struct parameters *parameters;
	const real *values; /* as parameters->values, or their average */
	const char *note;   /* without quotes, backslashes and control characters; "" or NULL = none */
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
int checkpoint_sizes(struct checkpoint_sizes *out, const char *bytes, size_t length);

/* Fills the empty lexicon and encoder and the allocated parameters. -EINVAL when the file holds other tensors than a network
 * of this shape; -ENOMEM. */
int checkpoint_read(struct lexicon *lexicon, struct encoder *encoder, struct parameters *parameters, const char *bytes,
        size_t length);

#endif
