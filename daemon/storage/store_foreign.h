/* Trials that another program ran in a study of ours, which therefore have no runs: what Optuna
 * wrote of them beside parameters and values. */
#ifndef DAEMON_STORAGE_STORE_FOREIGN_H
#define DAEMON_STORAGE_STORE_FOREIGN_H

#include "daemon/storage/store.h"
#include "schema/study/trial.h"

struct foreign_step {
	int64_t trial_id, step;
	double value; /* what Optuna knows as an intermediate value */
};

/* Walks the steps of a study's foreign trials, by trial and step. A negative return of `each` ends
 * the walk and is returned. */
int store_foreign_step_each(struct store *store, int64_t study_id,
        int (*each)(void *context, const struct foreign_step *step), void *context);

/* The same of one trial, whoever ran it. */
int store_foreign_step_each_of_trial(struct store *store, int64_t trial_id,
        int (*each)(void *context, const struct foreign_step *step), void *context);

/* Walks the foreign trials that exceed a constraint, with the sum that they do by: either Optuna's
 * list `constraints`, or its attributes `constraints:NAME` where there is no list. */
int store_foreign_violation_each(struct store *store, int64_t study_id,
        int (*each)(void *context, int64_t trial_id, double violation), void *context);

/* The same of one trial: `each` is called once or never. */
int store_foreign_violation_of_trial(struct store *store, int64_t trial_id,
        int (*each)(void *context, int64_t trial_id, double violation), void *context);

#endif
