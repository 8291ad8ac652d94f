/* What looks wrong while a study runs: each check reads a few counters and gives one sentence with
 * its evidence. */
#ifndef DAEMON_STUDIES_LINT_H
#define DAEMON_STUDIES_LINT_H

#include "daemon/studies/study.h"
#include "schema/base/arena.h"

/* The warnings of a study; array and sentences are in `arena`. 0 or -ENOMEM. */
int lint_study(const char *const **warnings, size_t *count, const struct study *study, struct arena *arena);

#endif
