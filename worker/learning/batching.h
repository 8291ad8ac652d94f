/* Rows dealt into batches of like length, and a batch's rows laid side by side for the network. */
#ifndef WORKER_LEARNING_BATCHING_H
#define WORKER_LEARNING_BATCHING_H

#include "schema/base/rng.h"
#include "worker/features/sparse.h"
#include "worker/network/batch.h"
#include "worker/text/tokens.h"

/* Rows in the form of neural models. */
struct samples {
	struct tokens tokens;
	struct sparse features; /* of the mixed model; no rows otherwise */
};

struct deal {
	size_t rows, batch_size;
	size_t used;                  /* rows of the present deal, at most all */
	size_t *order;                /* (rows) row numbers, batch after batch; owned */
	size_t *batches, batch_count; /* (batch_count) the order of the batches; owned */
	uint64_t *keys;               /* (rows) scratch, owned */
};

#define DEAL_NULL ((struct deal){0})

/* 0 or -ENOMEM (finish it all the same). */
int deal_init(struct deal *deal, size_t rows, size_t batch_size);
void deal_finish(struct deal *deal);

/* Deals all rows, sorted by length. */
void deal_all(struct deal *deal, const struct tokens *tokens);

/* Which rows to deal: the share `share` (above 0, up to 1) of all that are least difficult. */
struct easiest {
	const float *difficulty; /* (rows), none below 0; of equal ones the earlier is easier. NULL: all are equal */
	double share;
};

/* Deals the easiest rows: in random order, sorted by length within pools of some batches, and the batches in random order. */
void deal_shuffled(struct deal *deal, const struct tokens *tokens, const struct easiest *easiest, struct rng *rng);

/* Batches that deal_shuffled makes of such a share. */
size_t deal_count(const struct deal *deal, double share);

/* The row numbers of the i-th batch (i < batch_count); *count of them, borrowed. */
const size_t *deal_batch(const struct deal *deal, size_t i, size_t *count);

/* The arrays of a batch. */
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

/* Fills *out with the rows numbered by `rows` (count); it borrows the batcher's arrays. 0 or -ENOMEM. */
int batcher_fill(
        struct batch *out, struct batcher *batcher, const struct samples *samples, const size_t *rows, size_t count);

/* Makes words unknown with probability `rate`, as the rare words of new text will be. */
void batcher_forget_words(struct batcher *batcher, const struct batch *batch, double rate, struct rng *rng);

/* Frees both halves; zeroed samples are fine. */
void samples_finish(struct samples *samples);

#endif
