/* What the daemon keeps of a trial's runs. */
#ifndef CLI_VIEWS_TRIAL_ARTIFACTS_H
#define CLI_VIEWS_TRIAL_ARTIFACTS_H

#include <stdint.h>

#include "cli/session/session.h"

/* Prints the names and sizes, where there is something. An exit code; failures are said. */
int trial_artifacts_print(struct session *session, const char *study, int64_t number);

#endif
