/* Which tokens a batch hides for masked-token pretraining (Devlin et al. 2019, §3.1): a share of
 * each sentence's known tokens, of which 80 % become the mask, 10 % any token and 10 % stay. A
 * token that is replaced loses its n-grams too. */
#ifndef WORKER_LEARNING_MASKING_H
#define WORKER_LEARNING_MASKING_H

#include "worker/learning/batcher.h"

struct masking {
	double share;
	int mask;             /* id of the mask */
	size_t tokens;        /* ids there are */
	const bool *special;  /* (tokens) ids that are neither hidden nor put in; borrowed; NULL: padding and unknown */
	size_t count;         /* hidden in the present batch */
	int *places, *truths; /* (count) b·T + t, and the ids that stood there; owned */
	int *candidates;      /* (longest sentence) scratch, owned */
};

#define MASKING_NULL ((struct masking){0})

/* Room for batches of so many sentences of so many tokens; share, mask and tokens are set. 0 or
 * -ENOMEM. */
int masking_init(struct masking *masking, size_t sentences, size_t tokens);
void masking_finish(struct masking *masking);

/* Hides tokens of the batch that the batcher has filled: at least one of every sentence that has a
 * known token. */
void masking_hide(struct masking *masking, struct batcher *batcher, const struct batch *batch, struct rng *rng);

/* True for an id that may be hidden: of a known token of a text. */
bool masking_may_hide(const struct masking *masking, int id);

/* The most tokens that may be hidden of so many sentences of at most so many tokens. */
size_t masking_most(double share, size_t sentences, size_t tokens);

#endif
