/* The workers a study has had, by name. */
#ifndef DAEMON_STUDIES_ROSTER_H
#define DAEMON_STUDIES_ROSTER_H

#include "daemon/studies/catalog.h"
#include "schema/base/clock.h"

struct worker {
	char *name; /* owned */
	int64_t running_count, finished_count;
	struct monotime seen; /* last sign of life */
};

struct roster {
	struct catalog by_name; /* key of the name → struct worker, owned */
};

/* Frees the workers; a zeroed roster is fine. */
void roster_finish(struct roster *roster);

/* The worker of that name, added when new. 0 or -ENOMEM. */
int roster_join(struct worker **out, struct roster *roster, const char *name);

#endif
