/* Watching a study until it is finished: a picture on a terminal, plain lines in a pipe. */
#ifndef CLI_VIEWS_LIVE_H
#define CLI_VIEWS_LIVE_H

#include "cli/session/local_workers.h"
#include "cli/session/session.h"

/* Watches `study` on a loop of its own until it ends (EXIT_OK), until a signal (EXIT_INTERRUPTED,
 * said: workers were asked to hand back their runs; a second signal kills them), or until the last
 * of `workers` died before the study ended or the daemon was lost (EXIT_FAILED, said). Workers have
 * ended on return unless they were left to a daemon that is gone. */
int live_watch(struct session *session, const char *study, struct local_workers *workers);

#endif
