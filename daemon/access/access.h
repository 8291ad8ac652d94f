/* Who may come in: what the room's files share. Tokens are read from the trial file at each hello
 * and nowhere else, so what a turn has undone was never true. */
#ifndef DAEMON_ACCESS_ACCESS_H
#define DAEMON_ACCESS_ACCESS_H

#include "daemon/access/knocks.h"
#include "schema/base/clock.h"
#include "schema/base/error.h"

struct store;

struct access {
	struct store *store; /* borrowed */
	struct clock *clock; /* borrowed */
	int64_t epoch;       /* of the file (store_epoch) */
	struct knocks knocks;
};

/* Over a store that is open. 0, or a negative errno with a sentence. */
int access_init(struct access *access, struct store *store, struct clock *clock, struct error *error);

#endif
