/* The daemon's folder: 0700, locked by one daemon at a time, with everything a project needs at run
 * time. */
#ifndef DAEMON_HOME_H
#define DAEMON_HOME_H

#include "schema/base/error.h"

struct home {
	char *folder, *database, *socket, *lock, *keys, *blobs; /* absolute paths; owned */
	int lock_fd;
};

#define HOME_NULL ((struct home){.lock_fd = -1})

/* Makes the folder if needed, locks it, and puts what was restored in its place. 0; -EBUSY when
 * another daemon has it; another negative errno with a sentence. */
int home_init(struct home *home, const char *folder, struct error *error);

/* Gives the lock back and frees the paths; HOME_NULL is fine. */
void home_finish(struct home *home);

#endif
