/* A search replayed on a table of finished trials: who is stopped when, and what is named at the
 * end. */
#ifndef TESTS_BENCH_PRUNING_REPLAY_H
#define TESTS_BENCH_PRUNING_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/study/study_spec.h"
#include "tests/bench/pruning/table.h"

enum { BUDGETS = 4 };
extern const double replay_budgets[BUDGETS]; /* full trials */

struct replay_plan {
	const struct table *table;
	const size_t *order; /* (cells) in which they are tried */
	size_t worker_count;
	const struct method *pruner;
	const char *name; /* of the study */
	uint64_t seed;
};

/* What a search came to when so many full trials' seconds were spent. */
struct replay_end {
	double truth;        /* of the named cell; NAN = none is complete */
	double default_loss; /* how far that lies below the first cell's truth */
};

struct replay {
	struct replay_end ends[BUDGETS];
	double epochs_run, epochs_full; /* of the trials that ended, and what they would have taken */
	size_t started, stopped;
	size_t good_started, good_stopped; /* of the best tenth of the table */
};

/* Replays; aborts without memory. */
void replay_run(struct replay *out, const struct replay_plan *plan);

#endif
