/* Moving a study to another state and saying which it has now. */
#ifndef CLI_SESSION_STUDY_STATE_H
#define CLI_SESSION_STUDY_STATE_H

#include "cli/session/session.h"

/* Calls `method` (pause, resume or stop) for the study (NULL = the only one). Returns an exit
 * code. */
int study_state_change(struct session *session, enum method_id method, const char *study);

#endif
