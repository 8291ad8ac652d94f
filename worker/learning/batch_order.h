/* The rows of an epoch, put into batches of similar length. */
#ifndef WORKER_LEARNING_BATCH_ORDER_H
#define WORKER_LEARNING_BATCH_ORDER_H

#include "schema/base/rng.h"
#include "worker/text/tokens.h"

struct batch_order {
	size_t rows, batch_size;
	size_t used;                  /* rows of this epoch, at most all */
	size_t *numbers;              /* (rows) row numbers, batch after batch; owned */
	size_t *batches, batch_count; /* (batch_count) the order of the batches; owned */
	uint64_t *keys;               /* (rows) scratch, owned */
};

#define BATCH_ORDER_NULL ((struct batch_order){0})

/* Room for so many rows, in batches of batch_size ≥ 1. 0 or -ENOMEM (finish it all the same). */
int batch_order_init(struct batch_order *order, size_t rows, size_t batch_size);
void batch_order_finish(struct batch_order *order);

/* Takes all rows, sorted by length. */
void batch_order_sort(struct batch_order *order, const struct tokens *tokens);

/* Which rows to take: the share `share` (above 0, up to 1) of all that are least difficult. */
struct easiest {
	const float *difficulty; /* (rows), none below 0; of equal ones the earlier is easier. NULL: all are equal */
	double share;
};

/* Takes the easiest rows in random order, sorts them by length within groups of some batches, and
 * shuffles the batches. */
void batch_order_shuffle(
        struct batch_order *order, const struct tokens *tokens, const struct easiest *easiest, struct rng *rng);

/* Batches that batch_order_shuffle makes of such a share. */
size_t batch_order_count(const struct batch_order *order, double share);

/* The row numbers of the i-th batch (i < batch_count); *count of them, borrowed. */
const size_t *batch_order_rows(const struct batch_order *order, size_t i, size_t *count);

#endif
