/* What runs left, on its way to the daemon: noted when a run ends, offered once its result was
 * taken, and what is wanted is brought, run by run, on a thread and a connection of their own.
 * Results come first, always.
 *
 *   noted ──its result was taken──▶ waiting ──▶ under way ──▶ gone (brought, unwanted, or given up)
 *     └── refused ──▶ gone */
#ifndef WORKER_AGENT_UPLOADS_H
#define WORKER_AGENT_UPLOADS_H

#include <stdatomic.h>
#include <uv.h>

#include "schema/api/work.h"
#include "schema/base/list.h"
#include "schema/transport/link.h"

struct uploads {
	const struct link_options *link; /* whose second connection it is; borrowed */
	void (*done)(void *context);     /* from the loop: one more is gone */
	void *context;
	uv_thread_t thread;
	uv_mutex_t lock; /* over all below */
	uv_cond_t wake;
	uv_async_t over;
	struct list noted, waiting; /* struct pending_upload */
	bool running, busy, closing;
	atomic_bool stop;
};

/* Makes it ready; the first three members are set by the caller before. 0 or an uv error. */
int uploads_init(struct uploads *uploads, uv_loop_t *loop);

/* A run ended and left that folder. Without memory for it nothing is brought. */
void uploads_note(struct uploads *uploads, struct lease_claim claim, const char *folder);

/* Its result was taken / refused for good. Runs that were not noted are passed over. */
void uploads_begin(struct uploads *uploads, struct lease_claim claim);
void uploads_forget(struct uploads *uploads, struct lease_claim claim);

/* True while something waits or is under way. */
bool uploads_are_busy(struct uploads *uploads);

/* Gives up what is under way and what waits. */
void uploads_stop(struct uploads *uploads);

/* Ends the thread and closes its handle; waits for as long as one answer may take. */
void uploads_close(struct uploads *uploads);

#endif
