/* Starting kre-searchd when nobody answers. */
#ifndef CLI_SESSION_DAEMON_PROCESS_H
#define CLI_SESSION_DAEMON_PROCESS_H

#include <sys/types.h>

#include "schema/base/error.h"
#include "schema/transport/link_sync.h"

/* Makes `home` (mode 0700) if need be, starts kre-searchd in a session of its own with its output
 * in home/daemon.log, and waits until it answers under `options` (5 s at most). 0 with *pid, 0 when
 * another start was quicker; -ENOENT when there is no such program; -ECHILD with the end of its log
 * when it died; -ETIMEDOUT. */
int daemon_process_start(
        pid_t *pid, struct link_sync **out, const char *home, const struct link_options *options, struct error *error);

/* A handle of the daemon of a home, at the other end, taken before it is told to stop; -1 where
 * this machine cannot see the process. The caller closes it. */
int daemon_process_handle(const struct link_sync *link);

/* Waits until the daemon of `home` has ended, whoever started it: the next can start then. By the
 * handle, or, with -1, by its lock. 0; -ENOMEM; -ETIMEDOUT when it still runs after 30 s. */
int daemon_process_wait(int handle, const char *home);

#endif
