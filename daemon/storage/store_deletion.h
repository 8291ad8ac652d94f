/* Deleting a study that is too large for one turn: it is retired at once, and its rows go a few at
 * a time. Until the last has gone Optuna sees it by another name, which says that it is deleted. */
#ifndef DAEMON_STORAGE_STORE_DELETION_H
#define DAEMON_STORAGE_STORE_DELETION_H

#include "daemon/storage/store.h"

/* The study is gone for store_study_each, and its name is free. Needs a transaction. */
int store_study_retire(struct store *store, int64_t id);

/* Deletes ten trials of a retired study, or the last of it; *left = whether there is more to do, of
 * this or another one. Needs a transaction where something is left; without one it says whether
 * anything is, and deletes nothing. */
int store_deletion_step(bool *left, struct store *store);

#endif
