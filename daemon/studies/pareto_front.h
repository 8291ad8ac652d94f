/* The Pareto front: trials that no other trial beats in every objective. */
#ifndef DAEMON_STUDIES_PARETO_FRONT_H
#define DAEMON_STUDIES_PARETO_FRONT_H

#include "daemon/studies/study.h"
#include "schema/base/arena.h"

/* The numbers of the study's feasible COMPLETE trials that are not dominated, ascending; in
 * `arena`. 0 or -ENOMEM. */
int pareto_front_find(const int64_t **numbers, size_t *count, const struct study *study, struct arena *arena);

#endif
