/* The token rows of some sentences of a batch without their padding, one sentence after the other.
 * Legend: B sentences, T tokens of the batch's longest, N tokens of all, D width. */
#ifndef WORKER_NETWORK_PACKING_H
#define WORKER_NETWORK_PACKING_H

#include "worker/network/batch.h"
#include "worker/network/workspace.h"

struct packing {
	size_t first, sentences; /* of the batch; B */
	size_t rows;             /* N */
	size_t longest;          /* tokens of the longest sentence here */
	size_t squares;          /* sum of the lengths' squares */
	int *starts;             /* (B + 1) first row of each sentence, then N */
};

/* Finds where the rows of a whole batch lie. While the workspace measures every sentence counts as
 * the longest, and lengths are not looked at. */
void packing_plan(struct packing *packing, struct workspace *workspace, const struct batch *batch);

/* out (N,D) from in (B,T,D). */
void packing_gather(real *out, const real *in, const struct packing *packing, const size_t shape[2]);

/* out (B,T,D), zero where there is padding, from in (N,D). Shape is T, D. */
void packing_scatter(real *out, const real *in, const struct packing *packing, const size_t shape[2]);

#endif
