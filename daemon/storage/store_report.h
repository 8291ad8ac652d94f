/* Reports: values per (run, step), extra metrics, Optuna's intermediate values, and the tables of a finished run. */
#ifndef DAEMON_STORAGE_STORE_REPORT_H
#define DAEMON_STORAGE_STORE_REPORT_H

#include "daemon/storage/store.h"
#include "schema/study/study_spec.h"
#include "schema/study/trial.h"

struct metric_value {
	const char *name;
	double value; /* may be NAN or infinite */
};

struct report {
	int64_t run_id;
	int64_t step;
	double value; /* of the pruning metric */
	struct walltime reported;
	size_t metric_count;
	const struct metric_value *metrics;
};

/* Inserts a report. A step that the run has already is ignored (the first value is kept). Needs a transaction. */
int store_report_insert(struct store *store, const struct report *report);

/* Writes Optuna's trial_intermediate_values row: the trial's value at a step (mean over folds), once. Needs a transaction. */
int store_intermediate_insert(struct store *store, int64_t trial_id, int64_t step, double value);

/* Walks the reports of a study's runs, by run and step. With `metrics` false the walk is fast and metric_count is 0. */
int store_report_each(struct store *store, int64_t study_id, bool metrics,
        int (*each)(void *context, const struct report *report), void *context);

/* The reports of one trial's runs, with metrics. */
int store_report_each_of_trial(
        struct store *store, int64_t trial_id, int (*each)(void *context, const struct report *report), void *context);

/* Final metrics of a run (seconds, memory, f1, auprc …): kre_run_metrics. Needs a transaction. */
int store_run_metrics(struct store *store, int64_t run_id, const struct metric_value *metrics, size_t count);

/* Loads them by name; names are in `arena`. None is fine. */
struct arena;
struct run_metrics {
	size_t count;
	const struct metric_value *items;
};
int store_run_metrics_load(struct store *store, int64_t run_id, struct run_metrics *out, struct arena *arena);

/* The per-class table and the confusion counts of a run's best epoch: kre_classes, kre_confusion. Needs a transaction. */
struct class_score {
	const char *label;
	double precision, recall, f1, auprc;
	int64_t support;
};
struct confusion_cell {
	const char *truth, *predicted;
	int64_t count;
};
struct run_tables {
	size_t class_count;
	const struct class_score *classes;
	size_t cell_count;
	const struct confusion_cell *cells;
};
int store_run_tables_save(struct store *store, int64_t run_id, const struct run_tables *tables);

/* Loads them; arrays and strings are in `arena`. Empty tables when the run has none. */
int store_run_tables_load(struct store *store, int64_t run_id, struct run_tables *out, struct arena *arena);

#endif
