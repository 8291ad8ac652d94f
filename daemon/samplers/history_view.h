/* The inside of a history, for the samplers of this room, which only read it.
 *
 * Rows are trials in number order; n = count. Arrays are row-major. A *loss* is a value turned so
 * that smaller is better. */
#ifndef DAEMON_SAMPLERS_HISTORY_VIEW_H
#define DAEMON_SAMPLERS_HISTORY_VIEW_H

#include <stdbool.h>

#include "daemon/samplers/history_loan.h"
#include "schema/space/space.h"
#include "schema/study/study_spec.h"

struct history {
	const struct space *space;          /* borrowed */
	const struct objective *objectives; /* borrowed */
	size_t objective_count;
	size_t count, capacity;
	int64_t *numbers;    /* (n) rising */
	uint8_t *states;     /* (n) enum trial_state */
	double *points;      /* (n, space count) NAN = inactive */
	double *losses;      /* (n, objective_count) NAN unless COMPLETE */
	double *violations;  /* (n) sum of positive constraint values; 0 = feasible or not known yet */
	int64_t *last_steps; /* (n) largest step reported; -1 = none */
	double *last_losses; /* (n) the loss reported there */
	double *estimates;   /* (n) what a COMPLETE or PRUNED trial is taken to be worth, as a loss; NAN = not said */
	double *variances;   /* (n) of its loss, or of the estimate where it is PRUNED; 0 = not given */
	size_t state_counts[TRIAL_STATE_COUNT];
	uint64_t layout;  /* grows when a row moves or a point changes: row indices from before are void */
	struct loan loan; /* not for samplers */
};

/* The point of a row: (space count). */
const double *history_point(const struct history *history, size_t row);

/* True for COMPLETE and PRUNED: what Optuna's samplers learn from. */
bool history_is_told(const struct history *history, size_t row);

/* Number of COMPLETE and PRUNED trials. */
size_t history_told_count(const struct history *history);

/* True when some trial, of any state, has this point. */
bool history_has_point(const struct history *history, const double *point);

#endif
