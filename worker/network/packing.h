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
	size_t pairs;            /* sum over the sentences of rows here times tokens there */
	const int *starts;       /* (B + 1) first row of each sentence, then N */
	const int *tokens;       /* (N) which token of its sentence a row is; NULL = every token has one */
	const int *taken;        /* (N) which row of the whole packing it is; NULL likewise */
};

/* The tokens of each sentence whose vectors somebody reads, ascending: last layers need no
 * others. */
struct wanted {
	size_t most;                /* of a sentence; 0 = all tokens of all sentences */
	const int *tokens, *starts; /* (starts[B]), (B + 1); NULL while the workspace measures */
};

/* Finds where the rows of a whole batch lie. While the workspace measures every sentence counts as
 * the longest, and lengths are not looked at. */
void packing_plan(struct packing *packing, struct workspace *workspace, const struct batch *batch);

/* The rows of `whole` that are wanted. Borrows both. */
void packing_narrow(
        struct packing *narrow, struct workspace *workspace, const struct packing *whole, const struct wanted *wanted);

/* out (N,D) = those rows of in, which has one for each row of the whole packing; or, on the
 * way back, adds in (N,D) to those rows of out. */
void packing_take(real *out, const real *in, const struct packing *narrow, size_t width);
void packing_give(real *out, const real *in, const struct packing *narrow, size_t width);

/* out (N,D) from in (B,T,D). Shape is T, D. */
void packing_gather(real *out, const real *in, const struct packing *packing, const size_t shape[2]);

/* out (B,T,D), zero where there is no row, from in (N,D). Shape is T, D. */
void packing_scatter(real *out, const real *in, const struct packing *packing, const size_t shape[2]);

#endif
