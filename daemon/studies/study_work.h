/* What a study does for its workers. 0 or an error, and the outcomes of outcome.h. */
#ifndef DAEMON_STUDIES_STUDY_WORK_H
#define DAEMON_STUDIES_STUDY_WORK_H

#include "daemon/studies/live.h"
#include "daemon/studies/outcome.h"
#include "schema/api/work.h"

/* The next run under a lease: folds of running trials first, then the queue, then a new trial. *out
 * is NULL when there is none, and *why says what it waits for; or the outcome is STUDIES_LATER, as
 * a suggestion is under way. */
int study_hand_out(struct run **out, struct study *study, const struct ask_request *ask, enum wait_reason *why);

/* A report under a lease that is live. */
int study_report(enum stop_reason *stop, struct run *run, const struct report_request *report);

/* The end of a run as its holder tells it. */
int study_tell(enum trial_state *state, struct run *run, const struct tell_request *tell, struct error *error);

/* The lease of a run expired. */
int study_lose(struct run *run, const char *reason);

#endif
