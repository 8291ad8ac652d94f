/* What looks wrong while a study runs: each check reads a few counters and gives one sentence with its evidence. */
#ifndef DAEMON_STUDIES_LINT_H
#define DAEMON_STUDIES_LINT_H

#include "daemon/studies/study.h"
#include "schema/base/arena.h"

/* The warnings of a study; array and sentences are in `arena`. 0 or -ENOMEM. */
int lint_study(const struct study *study, const char *const **warnings, size_t *count, struct arena *arena);

/* Before so many trials nothing is said: chance looks like a pattern. */
enum { LINT_FEW = 10, LINT_MANY = 50, LINT_TEXT_BYTES = 300 };

/* Single checks that look at trials, in lint_results.c: true with a sentence in `text` (LINT_TEXT_BYTES). */

/* Trials that differ in one parameter only have the same results, whatever its value. */
bool lint_idle_parameter(const struct study *study, char *text);

/* What the sampler chose is worse, beyond chance, than what it drew blindly at the start. */
bool lint_worse_than_random(const struct study *study, char *text);

#endif
