/* A pretrained encoder: the tokens, the options of input and body, and the weights that masked.h
 * saves, read for a model to begin with. */
#ifndef WORKER_MODELS_PRETRAINED_H
#define WORKER_MODELS_PRETRAINED_H

#include "worker/models/masked_options.h"
#include "worker/network/masked_network.h"

struct pretrained {
	const struct masked_kind *kind;
	struct masked_options options;
	struct inventory inventory;
	struct parameters parameters;
	struct masked_network network;
};

#define PRETRAINED_NULL ((struct pretrained){0})

/* Reads what masked_save wrote. -EINVAL when the bytes are not that, -ENOMEM. Finish it in every
 * case. */
int pretrained_read(struct pretrained *out, const char *bytes, size_t length);
void pretrained_finish(struct pretrained *pretrained);

/* Copies the encoder into the tensors of the same names: all but those of the head that guesses. A
 * table of places of other length takes the rows both have. -EINVAL when sizes or names do not
 * fit. */
int pretrained_copy(struct parameters *to, const struct pretrained *from);

#endif
