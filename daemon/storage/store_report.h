/* Reports: values per (run, step), extra metrics, Optuna's intermediate values, and the tables of a
 * finished run. */
#ifndef DAEMON_STORAGE_STORE_REPORT_H
#define DAEMON_STORAGE_STORE_REPORT_H

#include "daemon/storage/store.h"
#include "schema/study/score.h"
#include "schema/study/study_spec.h"
#include "schema/study/trial.h"

/* Inserts a report. A step that the run has already is ignored (the first value is kept). Needs a
 * transaction. */
int store_report_insert(struct store *store, const struct report *report);

/* Adds a metric to a report that is there; *fresh: the report did not have it. Needs a
 * transaction. */
int store_report_add_metric(
        bool *fresh, struct store *store, int64_t run_id, int64_t step, const struct metric_value *metric);

/* Writes Optuna's trial_intermediate_values row: the trial's value at a step (mean over folds),
 * once. Needs a transaction. */
int store_intermediate_insert(struct store *store, int64_t trial_id, int64_t step, double value);

/* Walks the reports of a study's runs, by run and step. With `metrics` false the walk is fast and
 * metric_count is 0. */
int store_report_each(struct store *store, int64_t study_id, bool metrics,
        int (*each)(void *context, const struct report *report), void *context);

/* The reports of one trial's runs, with metrics. */
int store_report_each_of_trial(
        struct store *store, int64_t trial_id, int (*each)(void *context, const struct report *report), void *context);

#endif
