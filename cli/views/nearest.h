/* Where no trial keeps the constraints of a study: the one that comes nearest. */
#ifndef CLI_VIEWS_NEAREST_H
#define CLI_VIEWS_NEAREST_H

#include "cli/terminal/output.h"
#include "schema/api/study.h"

/* Appends "trial 1 comes nearest, it breaks them by 2.5". */
void nearest_append(const struct best_trial *nearest, struct text *out);

/* Says that there is no best trial, and which comes nearest to keeping the constraints. Returns
 * EXIT_NOT_FOUND. */
int nearest_failure(const struct study_headline *study, const struct output *output);

#endif
