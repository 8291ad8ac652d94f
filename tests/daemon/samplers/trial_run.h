/* A small study for tests of samplers: a space, a history and a sampler, without a daemon. */
#ifndef TESTS_DAEMON_SAMPLERS_TRIAL_RUN_H
#define TESTS_DAEMON_SAMPLERS_TRIAL_RUN_H

#include "daemon/samplers/sampler.h"

#define TRIAL_RUN_OBJECTIVES_AT_MOST 3

struct trial_run {
	struct study_spec spec;
	struct objective objectives[TRIAL_RUN_OBJECTIVES_AT_MOST];
	struct space *space; /* owned */
	struct history *history;
	struct sampler *sampler;
	struct error error;
	int64_t next; /* number of the next trial */
};

/* A space of x and y, each from 0 to 1. */
struct space *trial_run_square(void);

/* Starts a run on a frozen space, which it takes over, minimising `objective_count` values. What
 * sampler_create returned; on failure only trial_run_finish may follow. */
int trial_run_init(
        struct trial_run *run, const char *sampler, struct space *space, size_t objective_count, uint64_t seed);
void trial_run_finish(struct trial_run *run);

/* Throws the sampler away and creates it anew, as a restart of the daemon does. */
void trial_run_restart(struct trial_run *run);

/* Suggests the next trial and starts it: its number, or -1 when the sampler is exhausted. `point`
 * has room for the space. */
int64_t trial_run_ask(struct trial_run *run, double *point);

/* Completes a trial. */
void trial_run_tell(struct trial_run *run, int64_t number, const double *values, double violation);

#endif
