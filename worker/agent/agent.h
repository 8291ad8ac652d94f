/* kre-worker: asks the daemon for runs, keeps their leases, starts a trainer per slot, and ends in
 * an orderly way. */
#ifndef WORKER_AGENT_AGENT_H
#define WORKER_AGENT_AGENT_H

#include "schema/base/error.h"
#include "worker/agent/options.h"

/* Exit statuses of the program. */
enum { AGENT_DONE = 0, AGENT_FAILED = 1, AGENT_USAGE = 2, AGENT_FLAPPING = 3, AGENT_KILLED = 130 };

/* Works until it is told to end. Returns an exit status; with AGENT_FAILED or AGENT_USAGE `error`
 * may have a sentence that is not in the log. */
int agent_run(const struct options *options, struct error *error);

#endif
