/* One peer: bytes in, lines out, and its place in life.
 *
 *   hello ──good hello──▶ ready ──▶ draining (what was asked is answered, nothing is read) ──▶ closed
 *     └──no hello in 10 s, bad line, slow reader, end of stream──▲ */
#ifndef DAEMON_NETWORK_CONNECTION_H
#define DAEMON_NETWORK_CONNECTION_H

#include <uv.h>

#include "daemon/network/request.h"
#include "schema/base/list.h"
#include "schema/transport/frame.h"

#define HELLO_TIMEOUT_MS 10000
#define UNSENT_LIMIT_BYTES (4u << 20)
#define READ_BYTES 65536

enum connection_state { CONNECTION_HELLO, CONNECTION_READY, CONNECTION_DRAINING, CONNECTION_CLOSED };

struct connection;

/* What the owner wants to know. `line` is borrowed for the call. */
struct connection_events {
	void (*line)(void *context, struct connection *connection, char *line, size_t length);
	void (*closed)(
	        void *context, struct connection *connection); /* the last word; the connection is freed after it */
	void *context;
};

struct connection {
	uv_pipe_t pipe;
	uv_timer_t hello_timer;
	enum connection_state state;
	struct peer peer;
	struct frame_reader frames;
	struct connection_events events;
	struct list_link link; /* network::connections */
	size_t turn_requests;  /* unanswered: it is neither drained nor freed while > 0 */
	bool held_up;          /* one of them waits for a job, and the later ones for that (turn.h) */
	int open_handles;
	char buffer[READ_BYTES];
};

/* Accepts from `listener`. 0; -ENOMEM with nothing left; otherwise *out is set and already on its way to `closed`: an uv error, or
 * -EPERM for a peer of another user. */
int connection_accept(struct connection **out, uv_stream_t *listener, const struct connection_events *events);

/* The peer said a good hello. */
void connection_greeted(struct connection *connection);

/* Queues one line (taken; NULL = out of memory: the connection ends, for a reply would be missing). */
void connection_send(struct connection *connection, char *line);

/* Reads no more; closes once the requests of the turn are answered and all lines have left. Repeating it is fine. */
void connection_drain(struct connection *connection);

/* True unless the peer is known to be gone; one that only closed its half still listens. */
bool connection_has_listener(const struct connection *connection);

/* Frees what `closed` left. */
void connection_destroy(struct connection *connection);

#endif
