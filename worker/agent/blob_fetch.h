/* Fetching a file of a study from the daemon into this machine's cache, over a connection of its
 * own. Blocks, for as long as it takes: for a thread of its own. */
#ifndef WORKER_AGENT_BLOB_FETCH_H
#define WORKER_AGENT_BLOB_FETCH_H

#include <stdatomic.h>

#include "schema/api/work.h"
#include "schema/blobs/blob_intake.h"
#include "schema/transport/link_sync.h"

struct blob_fetch {
	struct link_options link;       /* whose second connection it is */
	const struct blob_store *store; /* the cache; borrowed */
	int64_t cache_bytes;            /* that it may have */
	const struct run_file *file;    /* with its hash; borrowed */
	atomic_bool *stop;              /* set by others when it is to give up */
	atomic_int *percent;            /* for others: how far it is */
	struct link_sync *connection;   /* NULL = none yet; closed by blob_fetch_run */
};

/* Brings the whole file into the cache, where it may be already; what fails for want of a
 * connection or of room is tried again until it is to stop. 0; -ECANCELED when it was; -ENODATA
 * when the daemon does not have it; another negative errno; with a sentence. */
int blob_fetch_run(struct blob_fetch *fetch, struct error *error);

#endif
