/* The Pareto front of a study with several objectives: the trials that no other beats in all of them. */
#ifndef CLI_VIEWS_PARETO_FRONT_H
#define CLI_VIEWS_PARETO_FRONT_H

#include "cli/session/session.h"

/* True when a study.get result has several objectives: then there is a front instead of a best trial. */
bool study_has_front(const cJSON *study);

/* Number of trials on the front of a study.get result. */
size_t study_front_count(const cJSON *study);

/* Fetches the front of that study.get result and prints it, best first in the first objective: a table with a column for each
 * objective, or {"front": [trials]}. Returns an exit code; failures are said. */
int pareto_front_print(struct session *session, const cJSON *study);

#endif
