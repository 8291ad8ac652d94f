/* How much of a study's outcome each parameter decides. */
#ifndef DAEMON_SAMPLERS_IMPORTANCE_IMPORTANCE_H
#define DAEMON_SAMPLERS_IMPORTANCE_IMPORTANCE_H

#include <stdint.h>

#include "daemon/samplers/importance/objective.h"

struct history;
struct importance_type;

/* The method called `name` ("ped_anova", "fanova"), or NULL; and whether it can judge
 * OBJECTIVE_ALL. */
const struct importance_type *importance_find(const char *name);

struct importance_question {
	const struct importance_type *type;
	size_t objective; /* index, or OBJECTIVE_ALL: all of them together, for methods that can */
	uint64_t seed;    /* of methods that draw */
};

/* *shares (space count) sum to 1 over the parameters that can be judged, NAN for the others (never
 * active in a complete trial, or not always active where the method needs that). When nothing tells
 * them apart they are equal. *trial_count is the number of trials looked at: COMPLETE with finite
 * values. 0, -EINVAL when the method needs one objective, -ENOMEM. */
int importance_judge(
        double *shares, size_t *trial_count, const struct history *history, const struct importance_question *question);

#endif
