/* Checks that look at the results of trials. */
#ifndef DAEMON_STUDIES_LINT_RESULTS_H
#define DAEMON_STUDIES_LINT_RESULTS_H

#include "daemon/studies/study.h"

/* Before so many trials nothing is said: chance looks like a pattern. */
enum { LINT_FEW = 10, LINT_MANY = 50, LINT_TEXT_BYTES = 300 };

/* Each is true with a sentence in `text` (LINT_TEXT_BYTES). */

/* Trials that differ in one parameter only have the same results, whatever its value. */
bool lint_idle_parameter(const struct study *study, char *text);

/* What the sampler chose is worse, beyond chance, than what it drew blindly at the start. */
bool lint_worse_than_random(const struct study *study, char *text);

#endif
