/* The Pareto front of a study with several objectives: the trials that no other beats in all of
 * them. */
#ifndef CLI_VIEWS_PARETO_FRONT_H
#define CLI_VIEWS_PARETO_FRONT_H

#include "cli/session/session.h"
#include "schema/api/study.h"

/* True with several objectives: then there is a front instead of a best trial. */
bool study_has_front(const struct study_headline *study);

/* Which way the first objective is better; without one there is nothing to sort by and either
 * will do. */
enum direction study_direction(const struct study_headline *study);

/* Fetches the front and prints it, best first in the first objective: a table with a column for
 * each objective, or {"front": [trials]}. Returns an exit code; failures are said. */
int pareto_front_print(struct session *session, const struct study_summary *study);

#endif
