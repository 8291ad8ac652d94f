/* Bringing what one run left to the daemon, over a connection of its own. Blocks: for a thread. */
#ifndef WORKER_AGENT_BLOB_UPLOAD_H
#define WORKER_AGENT_BLOB_UPLOAD_H

#include <stdatomic.h>

#include "schema/api/work.h"
#include "schema/transport/link.h"

struct blob_upload_plan {
	struct link_options link;
	struct lease_claim claim; /* of the run */
	const char *folder;       /* what is in it is brought */
	atomic_bool *stop;        /* set by others when it is to give up */
	bool checkpoint;          /* of a run under way: all of the folder, which is the one for checkpoints */
};

/* Offers the run's artifacts and brings what is wanted; goes on where it was when the connection is
 * lost, a few times. What does not come there is said in the log. */
void blob_upload_run(const struct blob_upload_plan *plan);

/* Brings what lies in a folder for checkpoints, once. 0 when the daemon has all that it wants of
 * it, and it counts as one set; LINK_REFUSED, or a negative errno, with a sentence. */
int blob_upload_checkpoint(const struct blob_upload_plan *plan, struct error *error);

#endif
