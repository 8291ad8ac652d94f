/* The workers that `start` runs on this machine: one kre-worker each, with its log in the home
 * folder. */
#ifndef CLI_SESSION_LOCAL_WORKERS_H
#define CLI_SESSION_LOCAL_WORKERS_H

#include <stddef.h>
#include <sys/types.h>

#include "cli/session/session.h"
#include "schema/study/study_spec.h"

#define LOCAL_WORKERS_MAX 256

struct local_workers {
	pid_t pids[LOCAL_WORKERS_MAX]; /* 0 = ended */
	size_t count;
	size_t running_count;
	int worst_status; /* of waitpid, of the last one that ended badly; 0 = none did */
	size_t worst;     /* its index */
};

/* Starts `count` workers (LOCAL_WORKERS_MAX at most) for the study, which may run the study's own
 * program: it is the user's own file on his own machine. The home is made where it is missing: with
 * a daemon elsewhere nobody else does. Returns an exit code; failures are said, and workers already
 * started are told to end. */
int local_workers_start(
        struct local_workers *out, const struct session *session, const struct study_spec *spec, size_t count);

/* Sends a signal to those that run. */
void local_workers_signal(struct local_workers *workers, int signal);

/* Notes those that have ended. */
void local_workers_reap(struct local_workers *workers);

#endif
