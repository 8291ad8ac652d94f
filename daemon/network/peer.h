/* One peer: its stream, who it is, and its place in life.
 *
 *   hello ──good hello──▶ ready ──▶ draining (what was asked is answered, nothing is read) ──▶ closed
 *     └──no hello in 10 s, bad line, end of stream──▲            a slow reader ──▲ from anywhere
 *
 * A slow reader is one that reads nothing for half a minute while its answers wait, or a watcher
 * with more than STREAM_UNSENT_LIMIT_BYTES unread. */
#ifndef DAEMON_NETWORK_PEER_H
#define DAEMON_NETWORK_PEER_H

#include <uv.h>

#include "daemon/network/listener.h"
#include "daemon/network/request.h"
#include "schema/base/heap.h"
#include "schema/base/list.h"
#include "schema/transport/stream.h"

#define HELLO_TIMEOUT_MS 10000
#define READER_TIMEOUT_MS 30000
#define REFUSAL_MS 1000
#define HELLO_MAX_BYTES 4096 /* of a line of somebody who is not known yet */

enum peer_state { PEER_HELLO, PEER_READY, PEER_DRAINING, PEER_CLOSED };

struct peer;

/* What the owner wants to know. `line` is borrowed for the call. */
struct peer_events {
	void (*line)(void *context, struct peer *peer, char *line, size_t length);
	/* After peer_is_behind: it has read, or never will. */
	void (*caught_up)(void *context, struct peer *peer);
	void (*closed)(void *context, struct peer *peer); /* the last word: peer_destroy may follow */
	void *context;
};

/* What it asked and waits for its turn, and its place among the others who wait. */
struct peer_turn {
	struct list requests; /* struct turn_request::link, in the order they came; none has run */
	size_t request_count, request_bytes;
	struct heap_node place;  /* turn::peers; how much it has had of the loop */
	int64_t had;             /* likewise, kept while nothing of it waits */
	struct list_link parked; /* turn::parked, while held_up */
	struct list_link aside;  /* turn::aside: the next request waits for the trial file's lock */
	bool held_up;            /* the first request waits for a job, and most others for that */
	bool behind;             /* all wait until it has read */
};

struct peer {
	struct stream *stream; /* NULL once closed */
	uv_timer_t timer;      /* until hello; while it is behind */
	enum peer_state state;
	struct caller caller;
	struct peer_events events;
	struct list_link link; /* network::peers */
	uint64_t came_ms;      /* crowd.h's; over the network */
	char *late;            /* owned; what it hears REFUSAL_MS after it was refused, NULL = nothing */
	size_t turn_requests;  /* unanswered: it is neither closed nor freed while > 0, unless it reads too slowly */
	bool gone;             /* `closed` was called */
	struct peer_turn turn; /* turn.h's */
};

/* Lets in who is at the door. 0; or with nothing left -ENOMEM, an uv error, -EPERM for somebody who
 * may take no role. */
int peer_accept(struct peer **out, uv_loop_t *loop, struct listener *listener, const struct peer_events *events);

/* The peer said a good hello, where leases last so long. */
void peer_greeted(struct peer *peer, int64_t lease_ms);

/* Sends one line (taken; NULL = out of memory: the peer is drained, for a reply would be missing).
 * One that reads too slowly is closed. */
void peer_send(struct peer *peer, char *line);

/* Sends the line (taken, NULL as in peer_send) only after REFUSAL_MS, so that guessing takes time,
 * and then hangs up; reads no more. */
void peer_refuse(struct peer *peer, char *line);

/* A request is unanswered from now on / is answered or given up. */
void peer_request_begun(struct peer *peer);
void peer_request_done(struct peer *peer);

/* Stops hearing it / hears it again, what came meanwhile at once. */
void peer_pause(struct peer *peer);
void peer_resume(struct peer *peer);

/* True when it has so much to read that it should be given no more; `caught_up` tells when that is
 * over. */
bool peer_is_behind(struct peer *peer);

/* Reads no more; closes once its requests are answered and all lines have left. Repeating it is
 * fine. */
void peer_drain(struct peer *peer);

/* True unless the other side is known to be gone; one that only closed its half still listens. */
bool peer_has_listener(const struct peer *peer);

/* Frees what `closed` left. */
void peer_destroy(struct peer *peer);

#endif
