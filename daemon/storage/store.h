/* The trial file: one SQLite database that is at once ours and a valid Optuna storage. One writer,
 * the loop thread. */
#ifndef DAEMON_STORAGE_STORE_H
#define DAEMON_STORAGE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/storage/outcome.h"
#include "schema/base/error.h"
#include "schema/base/duration_counts.h"

struct store;

/* What this process asks of SQLite, before the first store is opened: no mutexes, as a connection
 * belongs to one thread, and no statistics of memory, which have one of their own. Without it all
 * works, more slowly. */
void store_configure(void);

/* Opens or creates the file (mode 0600), WAL, synchronous=FULL, busy timeout 0; checks every page,
 * creates Optuna's tables and ours, runs missing migrations in one transaction, makes the views
 * again. 0; STORE_NEWER, STORE_DAMAGED, STORE_BUSY, -EIO, -ENOMEM … each with a sentence that names
 * the file. */
int store_open(struct store **out, const char *path, struct error *error);

/* Closes; a transaction that is open is rolled back. NULL is fine. */
void store_close(struct store *store);

/* One transaction per loop turn. store_begin: 0, STORE_BUSY, or -EIO…. Until commit succeeds
 * nothing may be acknowledged. A failed commit has rolled back (disk full: -ENOSPC), except for
 * -ESTALE (store_files.h). Sentences in store_error. */
int store_begin(struct store *store);
int store_commit(struct store *store);
void store_rollback(struct store *store);

/* True while between store_begin and commit/rollback. */
bool store_in_transaction(const struct store *store);

/* How long the commits took until they were on the disk; as long as the store. */
const struct duration_counts *store_commit_times(const struct store *store);

/* Where the file is; as long as the store. */
const char *store_path(const struct store *store);

/* The sentence of the last failure; valid until the next call. */
const struct error *store_error(const struct store *store);

/* *changed = whether another connection committed since the last call (PRAGMA data_version). 0 or
 * -EIO. */
int store_poll_changes(bool *changed, struct store *store);

/* Which life of the file this is: 1, and one more each time a copy is put back. 0 or -EIO. */
int store_epoch(int64_t *epoch, struct store *store);

/* The file is a copy that was put back: its epoch is the next one, and leases go on so much higher.
 * Needs a transaction. */
int store_begin_life(struct store *store, int64_t lease_leap);

/* The next fencing number for a lease (only grows, never reused in the file). Needs a
 * transaction. */
int store_next_lease(int64_t *lease, struct store *store);

#endif
