/* Another program's commit taken over trial by trial. That is what Optuna's workers do beside ours:
 * trials begin, get their values one after another, and end, each step in a commit of its own. To
 * read 100,000 trials anew for each of them would keep everybody waiting for seconds. */
#ifndef DAEMON_STUDIES_REFRESH_H
#define DAEMON_STUDIES_REFRESH_H

#include "daemon/studies/context.h"

/* Below so many trials, of all studies, all is read anew: edits by hand are known at once then. */
#define REFRESH_LEAST_TRIALS 200

/* Takes over trials that are new, and what became of those that were not finished. What finished
 * trials say is believed to be what it was: the audit (audit.h) looks whether it is. Needs a
 * transaction. 0 or an error: memory may be half-way then and is to be rebuilt. -ESTALE: more has
 * changed than this takes over (another study, another name, one of ours ended by somebody else),
 * or it is not worth it. */
int refresh_context(struct context *context);

#endif
