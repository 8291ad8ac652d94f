/* The models that trials of a study left in the folders of their runs under this home. */
#ifndef CLI_SESSION_STUDY_MODELS_H
#define CLI_SESSION_STUDY_MODELS_H

#include "cli/session/session.h"
#include "schema/base/run_models.h"

/* Removes those that the study does not keep; `dry` only counts them. Adds to *freed. Returns an
 * exit code; failures are said: EXIT_FAILED also where some could not be removed, after the rest
 * is. */
int study_models_drop(struct models_freed *freed, struct session *session, const char *study, bool dry);

/* The same by the way: what could not be removed is remarked and is no failure. */
void study_models_tidy(struct session *session, const char *study);

#endif
