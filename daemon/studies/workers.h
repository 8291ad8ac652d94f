/* The workers a study has had, by name. */
#ifndef DAEMON_STUDIES_WORKERS_H
#define DAEMON_STUDIES_WORKERS_H

#include "daemon/studies/index.h"
#include "schema/base/clock.h"

/* A file on its way to a worker, as it said last. */
struct worker_fetching {
	int64_t run_id; /* which waits for it; 0 = nothing is on its way */
	int64_t percent;
	char file[65];
};

struct worker {
	char *name; /* owned */
	int64_t running_count, finished_count;
	struct monotime seen;       /* last sign of life */
	int64_t threads, memory_mb; /* of its machine; 0 = not known */
	struct monotime signed_at;  /* when the file was told of it last, and as whom */
	int64_t signed_as;
	struct worker_fetching fetching;
	double load; /* of its machine over a minute, as it said last; NAN = not known */
};

struct workers {
	struct index by_name; /* key of the name → struct worker, owned */
	char *versions[2];    /* of our own worker, the first two that differ; owned, NULL = none so far */
};

/* Frees the workers; a zeroed list is fine. */
void workers_finish(struct workers *workers);

/* The worker of that name, added when new. 0 or -ENOMEM. */
int workers_join(struct worker **out, struct workers *workers, const char *name);

/* Notes the software of one, as its hello said; only versions of our own worker count. 0 or
 * -ENOMEM. */
int workers_note_software(struct workers *workers, const char *software);

#endif
