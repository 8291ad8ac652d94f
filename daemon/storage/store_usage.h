/* What runs took of their workers' machines: kre_run_usage. */
#ifndef DAEMON_STORAGE_STORE_USAGE_H
#define DAEMON_STORAGE_STORE_USAGE_H

#include "daemon/storage/store.h"
#include "schema/base/arena.h"
#include "schema/study/score.h"

/* Notes it; numbers that are negative or not finite count as not known. Needs a transaction. */
int store_run_usage_save(struct store *store, int64_t run_id, const struct run_usage *usage);

/* Loads it into `arena`; NULL when the run has none. 0, -ENOMEM or a failure of the file. */
int store_run_usage_load(const struct run_usage **out, struct store *store, int64_t run_id, struct arena *arena);

#endif
