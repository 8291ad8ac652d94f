/* Runs and workers in the trial file. */
#ifndef DAEMON_STORAGE_STORE_RUN_H
#define DAEMON_STORAGE_STORE_RUN_H

#include "daemon/storage/store_trial.h"

/* Inserts a run (sets run->id from a growing counter) / saves its state, lease, times, value and
 * holder. 0, STORE_GONE. */
int store_run_insert(struct store *store, struct run_record *run);
int store_run_save(struct store *store, const struct run_record *run, const struct run_holder *holder);

/* Notes with one run of a trial at which moment the trial ended. 0, STORE_GONE. */
int store_run_close_trial(struct store *store, const struct run_record *run);

/* Walks a study's runs by id. */
int store_run_each(struct store *store, int64_t study_id,
        int (*each)(void *context, const struct run_record *run, const struct run_holder *holder), void *context);

/* A sign of life of a worker. */
struct worker_sign {
	const char *name, *session;
	const char *software;       /* "" = as before */
	int64_t threads, memory_mb; /* of its machine; 0 = as before */
	struct walltime now;
};

/* Workers as people see them (view `workers`), with the times of the first and last sign of
 * life. */
int store_worker_seen(struct store *store, const struct worker_sign *sign);

#endif
