/* The activations of one batch, taken piece by piece from one block. A network plans twice: first
 * without memory, to find how much the largest batch needs; then for every batch, to place its
 * pieces. */
#ifndef WORKER_NETWORK_WORKSPACE_H
#define WORKER_NETWORK_WORKSPACE_H

#include "worker/network/layers/real.h"

struct workspace {
	void *block;           /* owned; NULL while measuring */
	real *data;            /* in it, at a multiple of 64 bytes; NULL likewise */
	size_t used, capacity; /* reals */
	size_t most;           /* that was used before any reset since the last fit */
};

#define WORKSPACE_NULL ((struct workspace){0})

/* Frees the block; a zeroed workspace is fine. */
void workspace_finish(struct workspace *workspace);

/* Starts anew: all pieces taken before are void. */
void workspace_reset(struct workspace *workspace);

/* Makes the block at least as large as the most that was taken between two resets, and resets. 0 or
 * -ENOMEM. */
int workspace_fit(struct workspace *workspace);

/* A piece of `count` reals (ints), 64-byte aligned, not zeroed; NULL while
 * measuring. The plan must have fitted (asserted). */
real *workspace_take(struct workspace *workspace, size_t count);
int *workspace_take_ints(struct workspace *workspace, size_t count);

#endif
