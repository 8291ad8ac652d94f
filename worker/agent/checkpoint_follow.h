/* What a run under way keeps to go on from, brought to the daemon as it changes, so that the run
 * can go on on another machine when it is lost here. On a thread and a connection of its own:
 * reports never wait for it. */
#ifndef WORKER_AGENT_CHECKPOINT_FOLLOW_H
#define WORKER_AGENT_CHECKPOINT_FOLLOW_H

#include <uv.h>

#include "schema/api/work.h"
#include "schema/transport/link.h"

struct checkpoint_follow;

struct checkpoint_follow_plan {
	const struct link_options *link; /* whose second connection it is; it and the label borrowed until the end */
	struct lease_claim claim;
	const char *folder; /* the one for checkpoints; copied */
	const char *label;  /* of the run, for the log; copied */
};

/* Begins to look at the folder. 0, -ENOMEM, or what kept the thread from starting. */
int checkpoint_follow_start(struct checkpoint_follow **out, uv_loop_t *loop, const struct checkpoint_follow_plan *plan);

/* Has it end, which may take as long as an answer does, and frees itself on the loop then. NULL is
 * fine. */
void checkpoint_follow_stop(struct checkpoint_follow *follow);

#endif
