/* The flags of pretraining, and which of them are saved with the encoder. */
#ifndef WORKER_MODELS_MASKED_OPTIONS_H
#define WORKER_MODELS_MASKED_OPTIONS_H

#include "worker/models/neural_options.h"
#include "schema/base/option.h"

struct masked_options {
	struct neural_options neural; /* of input, body and steps; init is looked at by the trainer */
	double share;                 /* of tokens to hide */
};

/* The encoders that can be pretrained; a model with such a body can begin with what they
 * learned. */
struct masked_kind {
	const char *name;
	const char *help; /* one line */
	const struct body_class *body;
	bool wants_folder;            /* begins with a pretrained folder and makes one */
	const struct option *options; /* (option_count), offsets in struct masked_options */
	size_t option_count;
};
extern const struct masked_kind masked_kinds[]; /* ended by a name of NULL */
extern const char *const masked_names[];        /* their names, ended by NULL */

/* An option the encoder was pretrained with. */
struct masked_trait {
	const char *name; /* "model" first; static */
	char value[40];
	bool fixed; /* what begins with the encoder must have it too */
};

/* The i-th one, of `options` for `kind`. 1; 0 when there are no more; -ENOMEM. */
int masked_trait(
        struct masked_trait *out, const struct masked_kind *kind, const struct masked_options *options, size_t i);

#endif
