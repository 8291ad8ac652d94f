/* What a finished run measured: final metrics, scores per class, confusions. */
#ifndef DAEMON_STORAGE_STORE_SCORES_H
#define DAEMON_STORAGE_STORE_SCORES_H

#include "daemon/storage/store_report.h"

/* Final metrics of a run (seconds, memory, f1, auprc …): kre_run_metrics. Needs a transaction. */
int store_run_metrics(struct store *store, int64_t run_id, const struct metric_value *metrics, size_t count);

/* Loads them by name; names are in `arena`. None is fine. */
struct arena;
int store_run_metrics_load(struct run_metrics *out, struct store *store, int64_t run_id, struct arena *arena);

/* The per-class table and the confusion counts of a run's best epoch: kre_classes, kre_confusion.
 * Needs a transaction. */
int store_run_tables_save(struct store *store, int64_t run_id, const struct run_tables *tables);

/* Loads them; arrays and strings are in `arena`. Empty tables when the run has none. */
int store_run_tables_load(struct run_tables *out, struct store *store, int64_t run_id, struct arena *arena);

#endif
