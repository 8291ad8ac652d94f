/* What a method implements to be in the table of importance.c. */
#ifndef DAEMON_SAMPLERS_IMPORTANCE_IMPORTANCE_TYPE_H
#define DAEMON_SAMPLERS_IMPORTANCE_IMPORTANCE_TYPE_H

#include "daemon/samplers/history_view.h"
#include "daemon/samplers/importance/objective.h"

/* The trials a method learns from. */
struct evidence {
	const struct history *history;
	size_t objective;   /* index, or OBJECTIVE_ALL */
	size_t count;       /* at least 2 */
	const size_t *rows; /* (count) of the history: COMPLETE with finite losses */
	uint64_t seed;
};

struct importance_type {
	const char *name;
	bool several;    /* takes OBJECTIVE_ALL */
	bool everywhere; /* judges only parameters that are active in all trials */
	/* Adds to `weights` (space count, zeroed; NAN = leave alone) what each parameter decides,
	 * in any unit. 0 or -ENOMEM. */
	int (*weigh)(double *weights, const struct evidence *evidence);
};

extern const struct importance_type ped_anova, fanova;

#endif
