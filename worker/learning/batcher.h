/* A batch's rows, laid side by side for the network. */
#ifndef WORKER_LEARNING_BATCHER_H
#define WORKER_LEARNING_BATCHER_H

#include "schema/base/rng.h"
#include "worker/features/sparse.h"
#include "worker/network/batch.h"
#include "worker/text/tokens.h"

/* Rows in the form of neural models. */
struct samples {
	struct tokens tokens;
	struct sparse features; /* of the mixed model; no rows otherwise */
};

/* Frees both halves; zeroed samples are fine. */
void samples_finish(struct samples *samples);

/* The arrays of one batch at a time. */
struct batcher {
	size_t sentences, tokens; /* at most */
	int reach;                /* of distances to the entities */
	int *ints;                /* all arrays of ints but the features', in one block; owned */
	int *ids, *positions[2], *lengths, *starts[2], *ends[2], *feature_starts;
	int *feature_ids;      /* (feature_capacity), owned */
	float *feature_values; /* likewise */
	size_t feature_capacity;
	int *gram_ids,
	        *gram_starts; /* (gram_capacity), (sentences · tokens + 1) of tokens with n-grams, else NULL; owned */
	size_t gram_capacity;
};

#define BATCHER_NULL ((struct batcher){0})

/* Room for so many sentences of so many tokens. 0 or -ENOMEM. */
int batcher_init(struct batcher *batcher, size_t sentences, size_t tokens, int reach);
void batcher_finish(struct batcher *batcher);

/* Fills *out with the rows numbered by `rows` (count); it borrows the batcher's arrays. 0 or
 * -ENOMEM. */
int batcher_fill(
        struct batch *out, struct batcher *batcher, const struct samples *samples, const size_t *rows, size_t count);

/* Replaces known tokens by the unknown one with probability `rate`, as rare words of new text will
 * be unknown. */
void batcher_forget_words(struct batcher *batcher, const struct batch *batch, double rate, struct rng *rng);

#endif
