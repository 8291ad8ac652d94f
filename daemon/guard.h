/* Whether the daemon's home is still the one it serves. What is written to files that nobody can
 * find any more would be acknowledged and lost. */
#ifndef DAEMON_GUARD_H
#define DAEMON_GUARD_H

#include "daemon/home.h"
#include "schema/base/inode.h"
#include "schema/base/text.h"

struct store;

struct guard {
	const struct home *home;
	struct store *store;
	struct inode folder, socket;
};

/* Notes what is there now; home and store are borrowed. Commits watch the lock too. 0 or
 * -ENOMEM. */
int guard_init(struct guard *guard, const struct home *home, struct store *store);

/* 0, or -ESTALE with a sentence when the folder, the trial file, its log, the lock or the socket
 * was deleted or replaced. */
int guard_check(const struct guard *guard, struct error *error);

/* Writes all that the store has into a new private file: in the home, beside it where the home is
 * gone, or in the folder for temporary files; its path is appended to `path`. Nothing is written,
 * and the path stays empty, where the trial file is in its place. 0, or a negative errno with a
 * sentence. */
int guard_rescue(struct text *path, const struct guard *guard, struct error *error);

#endif
