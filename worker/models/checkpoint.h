/* Networks as safetensors files (huggingface/safetensors, format 0.3): the length of a JSON header, the header, the tensors.
 * Beside the network's tensors there are "vocabulary" (U64, hashes of the tokens) and, for the mixed model,
 * "features.keys" (U64) and "features.rarity" (F32). */
#ifndef WORKER_MODELS_CHECKPOINT_H
#define WORKER_MODELS_CHECKPOINT_H

#include "schema/base/text.h"
#include "worker/models/bytes.h"
#include "worker/models/encoder.h"
#include "worker/models/parameters.h"
#include "worker/models/vocabulary.h"

struct checkpoint {
	const struct vocabulary *vocabulary;
	const struct encoder *encoder;
	const struct parameters *parameters;
	const real *values; /* as parameters->values, or their average */
};

/* Appends the whole file; memory sets out->failed. */
void checkpoint_print(struct text *out, const struct checkpoint *checkpoint);

/* Reads the sizes of vocabulary and features from the header. -EINVAL when it is none. */
int checkpoint_sizes(size_t *tokens, size_t *features, const char *bytes, size_t length);

/* Fills the empty vocabulary and encoder and the allocated parameters. -EINVAL when the file holds other tensors than a network
 * of this shape; -ENOMEM. */
int checkpoint_read(struct vocabulary *vocabulary, struct encoder *encoder, struct parameters *parameters,
        const char *bytes, size_t length);

#endif
