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

/* Waits until a daemon that was started here and told to stop has ended. */
void daemon_process_wait(pid_t pid);

#endif
