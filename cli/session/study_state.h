/* Moving a study to another state and saying which it has now. */
#ifndef CLI_SESSION_STUDY_STATE_H
#define CLI_SESSION_STUDY_STATE_H

#include "cli/command_line/arguments.h"
#include "cli/session/session.h"

/* Calls `method` (study.pause, study.resume, study.stop) for the study (NULL = the only one). Returns an exit code. */
int study_state_change(struct session *session, const char *method, const char *study);

#endif
