/* A copy of the trial file for other programs. */
#ifndef DAEMON_STORAGE_STORE_EXPORT_H
#define DAEMON_STORAGE_STORE_EXPORT_H

#include "daemon/storage/store.h"

/* Writes a copy for other programs to `path` (which must not exist: -EEXIST; mode 0600): the same
 * tables, no views, no WAL, so that browser viewers and a future Optuna's `storage upgrade` take
 * it. Not inside of a transaction. Takes about as long as reading the file once; a failure removes
 * the copy. */
int store_export(struct store *store, const char *path);

/* The same of what is committed, by a connection of its own: on any thread, while a store is in use
 * there. 0 or a negative errno with a sentence. */
int store_export_from(const char *database, const char *path, struct error *error);

#endif
