/* Trials and runs in the trial file. All writers need a transaction. A trial and its parameters are
 * Optuna's rows, runs and leases ours (kre_runs). `space` gives names and distributions; records
 * are borrowed. */
#ifndef DAEMON_STORAGE_STORE_TRIAL_H
#define DAEMON_STORAGE_STORE_TRIAL_H

#include "daemon/storage/store.h"
#include "schema/study/study_spec.h"
#include "schema/study/trial.h"

/* Inserts a WAITING trial: `record->point` holds the fixed values (NAN elsewhere) → fixed_params;
 * or a RUNNING one with its full point → trial_params, start time and heartbeat row. Sets
 * record->id (own growing counter) and record->number (next of the study). */
int store_trial_insert(struct store *store, const struct study_spec *spec, struct trial_record *record);

/* WAITING → RUNNING: parameters, start time, heartbeat. 0, STORE_GONE, STORE_FINISHED. */
int store_trial_start(struct store *store, const struct study_spec *spec, const struct trial_record *record);

/* RUNNING → COMPLETE/PRUNED/FAIL: values (a PRUNED trial may have none), complete time. 0,
 * STORE_GONE, STORE_FINISHED. */
int store_trial_finish(struct store *store, const struct study_spec *spec, const struct trial_record *record);

/* PRUNED → RUNNING: values, complete time and the reason go. 0, STORE_GONE, STORE_FINISHED. */
int store_trial_resume(struct store *store, int64_t trial_id);

/* Gives a trial an attribute (JSON text): user attributes are what people see, system ones have
 * Optuna's meanings. */
int store_trial_attribute(struct store *store, int64_t trial_id, bool system, const char *key, const char *json);

/* Refreshes the heartbeat of a trial that is RUNNING, for Optuna's eyes. */
int store_trial_heartbeat(struct store *store, int64_t trial_id, struct walltime now);

/* Walks a study's trials by number; the record and its arrays are borrowed for the call. Trials
 * whose parameters do not fit the space (another program's) come with what fits, NAN elsewhere. */
int store_trial_each(struct store *store, const struct study_spec *spec, int64_t study_id,
        int (*each)(void *context, const struct trial_record *record), void *context);

/* The same for trials whose id is greater than that. */
int store_trial_each_after(struct store *store, const struct study_spec *spec, const struct trial_record *last,
        int (*each)(void *context, const struct trial_record *record), void *context);

/* The same for one trial as it is now; `each` is not called when it is gone. */
int store_trial_again(struct store *store, const struct study_spec *spec, const struct trial_record *known,
        int (*each)(void *context, const struct trial_record *record), void *context);

/* *count = the trials that a study has in the file. */
int store_trial_count(int64_t *count, struct store *store, int64_t study_id);

/* The state that the file has for a trial: another program may have finished it. 0 or
 * STORE_GONE. */
int store_trial_state(enum trial_state *state, struct store *store, int64_t trial_id);

/* *next = one more than the largest trial number of the study. */
int store_trial_next_number(int64_t *next, struct store *store, int64_t study_id);

/* The user attribute `key` of one trial, as an owned copy of its text; *json is NULL when it has
 * none. 0 or -ENOMEM, … */
int store_trial_attribute_copy(char **json, struct store *store, int64_t trial_id, const char *key);

/* Walks the trials of a study that are marked as its defaults; `of` says whose. */
int store_trial_defaults_each(struct store *store, int64_t study_id,
        int (*each)(void *context, int64_t trial_id, const char *of), void *context);

/* Walks the trials of a study that say why they were pruned or failed. */
int store_trial_reason_each(struct store *store, int64_t study_id,
        int (*each)(void *context, int64_t trial_id, const char *reason), void *context);

/* Who holds or asked for a run. Strings are borrowed. */
struct run_holder {
	const char *worker; /* name */
	const char *session;
	const char *ask_key;  /* session and request id: a repeated ask finds its run again */
	const char *reason;   /* of failure, pruning, loss; "" if none */
	const char *software; /* of the worker; "" = nobody knows; NULL = as before, for store_run_save */
};

#endif
