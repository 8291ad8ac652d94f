/* One peer: its stream, who it is, and its place in life.
 *
 *   hello ──good hello──▶ ready ──▶ draining (what was asked is answered, nothing is read) ──▶ closed
 *     └──no hello in 10 s, bad line, end of stream──▲            a slow reader ──▲ from anywhere
 * ▲ */
#ifndef DAEMON_NETWORK_PEER_H
#define DAEMON_NETWORK_PEER_H

#include <uv.h>

#include "daemon/network/listener.h"
#include "daemon/network/request.h"
#include "schema/base/list.h"
#include "schema/transport/stream.h"

#define HELLO_TIMEOUT_MS 10000

enum peer_state { PEER_HELLO, PEER_READY, PEER_DRAINING, PEER_CLOSED };

struct peer;

/* What the owner wants to know. `line` is borrowed for the call. */
struct peer_events {
	void (*line)(void *context, struct peer *peer, char *line, size_t length);
	void (*closed)(void *context, struct peer *peer); /* the last word: peer_destroy may follow */
	void *context;
};

struct peer {
	struct stream *stream; /* NULL once closed */
	uv_timer_t hello_timer;
	enum peer_state state;
	struct caller caller;
	struct peer_events events;
	struct list_link link; /* network::peers */
	size_t turn_requests;  /* unanswered: it is neither closed nor freed while > 0, unless it reads too slowly */
	bool held_up;          /* one of them waits for a job, and the later ones for that (turn.h) */
	bool gone;             /* `closed` was called */
};

/* Lets in who is at the door. 0; or with nothing left -ENOMEM, an uv error, -EPERM for somebody who
 * may take no role. */
int peer_accept(struct peer **out, uv_loop_t *loop, struct listener *listener, const struct peer_events *events);

/* The peer said a good hello. */
void peer_greeted(struct peer *peer);

/* Sends one line (taken; NULL = out of memory: the peer is drained, for a reply would be missing).
 * One that reads too slowly is closed. */
void peer_send(struct peer *peer, char *line);

/* A request is unanswered from now on / is answered or given up. */
void peer_request_begun(struct peer *peer);
void peer_request_done(struct peer *peer);

/* Reads no more; closes once its requests are answered and all lines have left. Repeating it is
 * fine. */
void peer_drain(struct peer *peer);

/* True unless the other side is known to be gone; one that only closed its half still listens. */
bool peer_has_listener(const struct peer *peer);

/* Frees what `closed` left. */
void peer_destroy(struct peer *peer);

#endif
