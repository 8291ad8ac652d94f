/* Which rows train and which validate. Rows of one sentence always stay together, classes are
 * spread evenly, and the same (seed, rows) give the same split on every machine, whatever the order
 * of the rows. */
#ifndef WORKER_DATA_SPLIT_H
#define WORKER_DATA_SPLIT_H

#include <stdint.h>

#include "worker/data/dataset.h"

struct split {
	size_t *train, *valid; /* row numbers, rising; owned */
	size_t train_count, valid_count;
	uint64_t hash; /* of every row's id and side: equal hashes are equal splits */
};

#define SPLIT_NULL ((struct split){0})

/* Holds out about `fraction` (0 to 1) of every class. 0, -ENOMEM, or -EINVAL when a side would be
 * empty. */
int split_fraction(struct split *out, const struct dataset *dataset, double fraction, uint64_t seed);

/* Divides the rows into `folds` ≥ 2 parts and holds out part `fold` (0-based). Errors as above. */
int split_fold(struct split *out, const struct dataset *dataset, size_t fold, size_t folds, uint64_t seed);

/* Frees the row numbers; a zeroed split is fine. */
void split_finish(struct split *split);

#endif
