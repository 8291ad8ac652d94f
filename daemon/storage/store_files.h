/* Whether the files that are open are still those that their names stand
 * for. What is written to one that is not reaches nobody. */
#ifndef DAEMON_STORAGE_STORE_FILES_H
#define DAEMON_STORAGE_STORE_FILES_H

#include <stdbool.h>
#include <stdint.h>

struct store;

/* Commits also fail once this file is no longer the one it is now, as they do for those of the
 * database. One path at most. 0 or -ENOMEM. */
int store_watch(struct store *store, const char *path);

/* 0, or -ESTALE with a sentence when a file of the database, or the watched one, was deleted or
 * replaced: nothing that is written reaches anybody, but store_export still has all of it. */
int store_check_files(struct store *store);

/* The bytes of the database and its log. */
int64_t store_bytes(const struct store *store);

/* True once that, or a commit, has found it so. */
bool store_is_lost(const struct store *store);

/* Inside of this room only: notes the database, its log and its index as they are now. 0 or
 * -ENOMEM. */
int store_files_note(struct store *store);

/* Inside of this room only: true while all that was noted or is watched is in its place. */
bool store_files_are_there(const struct store *store);

/* Inside of this room only: frees the names. */
void store_files_finish(struct store *store);

#endif
