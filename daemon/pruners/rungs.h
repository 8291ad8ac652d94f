/* The rungs of asynchronous successive halving: which trials reached each, with what value. */
#ifndef DAEMON_PRUNERS_RUNGS_H
#define DAEMON_PRUNERS_RUNGS_H

#include "daemon/pruners/curves.h"

struct rung_entry {
	double value;
	size_t row; /* of the trial */
};

struct rung {
	size_t count, capacity;
	struct rung_entry *entries; /* (count) best first */
};

struct rungs {
	int64_t min_resource; /* steps; 0 = not known yet */
	int64_t reduction_factor, early_stopping_rate;
	size_t bootstrap_count;
	size_t rung_count;
	struct rung *rungs; /* (rung_count) */
	size_t row_count;
	size_t *rows; /* (row_count) rungs that the trial in a row has completed */
};

/* Frees what it owns; zeroed rungs are fine. */
void rungs_finish(struct rungs *rungs);

/* Takes the trial in `row` up the rungs its newest step has passed, until one stops it; fills rung,
 * threshold and prune. min_resource must be known. 0 or -ENOMEM. */
int rungs_climb(struct rungs *rungs, const struct curves *curves, size_t row, struct verdict *verdict);

#endif
