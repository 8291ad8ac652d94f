/* The agent's line to the daemon: one connection at a time, and patience (exponential backoff with jitter) while there is
 * none. The session outlives the connections. */
#ifndef WORKER_AGENT_LINK_H
#define WORKER_AGENT_LINK_H

#include <stdbool.h>
#include <uv.h>

#include "schema/base/rng.h"
#include "schema/transport/client.h"

struct link_events {
	void (*up)(void *context, double lease_s); /* hello was answered: calls may be made */
	void (*down)(void *context);               /* the connection is gone; unanswered calls are */
	void *context;
};

struct link {
	uv_loop_t *loop;
	const char *address, *name; /* borrowed */
	struct client *client;      /* NULL while there is no connection */
	char session[128];
	bool ready, closing;
	int failure_count; /* since the last hello */
	struct rng rng;    /* for the jitter */
	uv_timer_t retry_timer;
	struct link_events events;
};

/* Prepares the link; it connects when link_open is called. `address` and `name` are borrowed. */
void link_init(struct link *link, uv_loop_t *loop, const char *address, const char *name);

/* Connects for the first time. 0, or -EINVAL with a sentence for an address that makes no sense; later failures are
 * retried. */
int link_open(struct link *link, const struct link_events *events, struct error *error);

/* Hangs up for good; the loop frees what remains. */
void link_close(struct link *link);

/* How long to wait before the next attempt, in ms: 100 · 2^failures up to 15 s, times a draw from [0.5, 1.5). */
uint64_t link_pause_ms(int failure_count, struct rng *rng);

#endif
