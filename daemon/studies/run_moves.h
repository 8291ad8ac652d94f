/* The moves of a run that the file must know: leased, ended. Each is 0 or an error. */
#ifndef DAEMON_STUDIES_RUN_MOVES_H
#define DAEMON_STUDIES_RUN_MOVES_H

#include "daemon/studies/live.h"
#include "schema/api/work.h"

/* Gives the run to the worker that asked: fencing number, lease, row in the file. 0 or an error. */
int run_lease(struct run *run, const struct ask_request *ask);

/* Ends the run: state, reason (NULL = none) and value go to the file, the lease is over. 0 or an
 * error. */
int run_end(struct run *run, enum run_state state, const char *reason);

#endif
