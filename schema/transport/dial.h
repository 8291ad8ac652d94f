/* A client's way to a stream over the network: the hosts of an address one after another, each by
 * name or number, until one of them is the daemon. One that does not answer is not waited for
 * alone: after half a second the next socket or host is tried beside it, and the first that opens
 * is it.
 *
 *   resolving ──▶ connecting ──▶ securing ──▶ opened          10 s to resolve, and 10 s for the rest
 *       └──────────────┴─────────────┴── no more hosts ──▶ failed
 */
#ifndef SCHEMA_TRANSPORT_DIAL_H
#define SCHEMA_TRANSPORT_DIAL_H

#include "schema/transport/stream.h"

struct dial;

struct dial_events {
	/* An open stream, the owner's from now on. */
	void (*opened)(void *context, struct stream *stream);
	/* No host is the daemon: what the last one said, or the most telling of them. */
	void (*failed)(void *context, int why, const char *reason);
	void *context;
};

/* Begins; `to` is borrowed until one of the events, which is the last call. 0, or -ENOMEM …. */
int dial_start(struct dial **out, uv_loop_t *loop, const struct address *to, const struct dial_events *events);

/* Gives up without an event; the loop frees it in a later turn. To be called after an event, too.
 * NULL is fine. */
void dial_destroy(struct dial *dial);

#endif
