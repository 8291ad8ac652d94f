/* What a run left in its folder that may be an artifact: found and hashed. */
#ifndef WORKER_AGENT_LEAVINGS_H
#define WORKER_AGENT_LEAVINGS_H

#include <stdatomic.h>

#include "schema/api/artifact.h"
#include "schema/base/arena.h"

struct leavings {
	size_t count;
	struct offered_artifact *items; /* (count) in the arena */
};

struct leavings_search {
	const char *folder;
	bool any; /* not only what has a kind, but all that is neither hidden nor a .part under way */
	atomic_bool *stop;
};

/* Walks through the folder, following no links; what is not looked for, or cannot be read, is
 * passed over, and so is what is beyond ARTIFACTS_OF_RUN_MAX. 0, -ECANCELED when `stop` was set
 * meanwhile, -ENOMEM. */
int leavings_find(struct leavings *out, const struct leavings_search *search, struct arena *arena);

#endif
