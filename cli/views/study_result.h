/* What a study has found, at its end. */
#ifndef CLI_VIEWS_STUDY_RESULT_H
#define CLI_VIEWS_STUDY_RESULT_H

#include "cli/session/session.h"

/* Prints how the study ended, its ten best trials and the best one with its classes (of several
 * objectives: the Pareto front); the study.get result with --json. Returns an exit code,
 * EXIT_FAILED when every trial failed; failures are said. */
int study_result_print(struct session *session, const char *name);

#endif
