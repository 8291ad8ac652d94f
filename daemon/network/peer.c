#include "daemon/network/peer.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

#include "daemon/access/roles.h"
#include "schema/base/log.h"
#include "schema/base/memory.h"

/* Allowed moves, from row to column. */
static void move(struct peer *peer, enum peer_state to)
{
	static const bool moves[4][4] = {
	        [PEER_HELLO] = {[PEER_READY] = true, [PEER_DRAINING] = true},
	        [PEER_READY] = {[PEER_DRAINING] = true},
	        [PEER_DRAINING] = {[PEER_CLOSED] = true},
	};
	assert(moves[peer->state][to]);
	(void)moves;
	peer->state = to;
}

void peer_destroy(struct peer *peer)
{
	if (!peer)
		return;
	caller_finish(&peer->caller);
	memory_free(peer->late);
	memory_free(peer);
}

static const char *name_of(const struct peer *peer)
{
	return peer->caller.name && *peer->caller.name ? peer->caller.name : "a peer";
}

/* ---- the end ---- */

static void on_timer_closed(uv_handle_t *handle)
{
	struct peer *peer = handle->data;
	peer->gone = true;
	if (peer->late) /* nobody will hear it */
		peer->turn_requests--;
	peer->events.closed(peer->events.context, peer);
}

static void on_stream_closed(void *context)
{
	struct peer *peer = context;
	peer->stream = NULL;
	move(peer, PEER_CLOSED);
	uv_close((uv_handle_t *)&peer->timer, on_timer_closed);
}

static void close_at_once(struct peer *peer)
{
	if (peer->state < PEER_DRAINING)
		move(peer, PEER_DRAINING);
	stream_destroy(peer->stream);
	on_stream_closed(peer);
	peer->events.caught_up(peer->events.context, peer);
}

static void await_reader(struct peer *peer);

/* Whoever waits for an answer may have nothing to read yet. */
static void on_unread(uv_timer_t *timer)
{
	struct peer *peer = timer->data;
	if (peer->turn_requests > 0 && !stream_is_behind(peer->stream)) {
		await_reader(peer);
		return;
	}
	log_warning(
	        "%s has read nothing for %d s while answers wait, closing", name_of(peer), READER_TIMEOUT_MS / 1000);
	close_at_once(peer);
}

static void await_reader(struct peer *peer)
{
	uv_timer_start(&peer->timer, on_unread, READER_TIMEOUT_MS, 0);
}

/* A peer that closed its half, or spoke nonsense at last, still gets the answers to what it asked
 * before. */
static void close_when_answered(struct peer *peer)
{
	if (peer->state == PEER_DRAINING && peer->turn_requests == 0)
		stream_close(peer->stream);
}

void peer_drain(struct peer *peer)
{
	if (peer->state < PEER_DRAINING) {
		move(peer, PEER_DRAINING);
		stream_stop(peer->stream);
		await_reader(peer);
	}
	close_when_answered(peer);
}

void peer_request_begun(struct peer *peer)
{
	peer->turn_requests++;
}

void peer_request_done(struct peer *peer)
{
	assert(peer->turn_requests > 0);
	peer->turn_requests--;
	close_when_answered(peer);
}

/* ---- lines ---- */

void peer_send(struct peer *peer, char *line)
{
	if (peer->state == PEER_CLOSED) {
		memory_free(line);
		return;
	}
	int rc = stream_write(peer->stream, line);
	if (rc < 0) {
		peer_drain(peer);
	} else if (rc == STREAM_FULL) {
		log_warning(
		        "%s reads too slowly: %u bytes are unsent, closing", name_of(peer), STREAM_UNSENT_LIMIT_BYTES);
		close_at_once(peer);
	}
}

static void on_late(uv_timer_t *timer)
{
	struct peer *peer = timer->data;
	char *line = peer->late;
	peer->late = NULL;
	await_reader(peer);
	peer_send(peer, line);
	peer_request_done(peer);
}

void peer_refuse(struct peer *peer, char *line)
{
	if (!line || peer->state == PEER_CLOSED || peer->late) {
		peer_send(peer, line);
		return;
	}
	peer->late = line;
	peer_request_begun(peer);
	peer_drain(peer);
	uv_timer_start(&peer->timer, on_late, REFUSAL_MS, 0);
}

bool peer_is_behind(struct peer *peer)
{
	if (!peer->stream || !stream_is_behind(peer->stream))
		return false;
	if (peer->state == PEER_READY)
		await_reader(peer);
	return true;
}

static void on_writable(void *context)
{
	struct peer *peer = context;
	if (peer->state == PEER_READY)
		uv_timer_stop(&peer->timer);
	else if (peer->state == PEER_DRAINING)
		await_reader(peer);
	peer->events.caught_up(peer->events.context, peer);
}

void peer_pause(struct peer *peer)
{
	if (peer->stream)
		stream_pause(peer->stream);
}

void peer_resume(struct peer *peer)
{
	if (peer->stream)
		stream_resume(peer->stream);
}

static void on_line(void *context, char *line, size_t length)
{
	struct peer *peer = context;
	peer->events.line(peer->events.context, peer, line, length);
}

static void on_ended(void *context, int why)
{
	struct peer *peer = context;
	const bool unknown = peer->state == PEER_HELLO && !peer->caller.local;
	if (why == -EMSGSIZE)
		peer_send(peer, message_error(NULL, WIRE_TOO_LARGE,
		                        unknown ? "before a good hello a line has 4 KiB at most"
		                                : "a line is longer than 1 MiB",
		                        NULL));
	peer_drain(peer);
}

bool peer_has_listener(const struct peer *peer)
{
	return peer->stream && stream_has_listener(peer->stream);
}

/* ---- the beginning ---- */

static void on_no_hello(uv_timer_t *timer)
{
	struct peer *peer = timer->data;
	peer_send(peer, message_error(NULL, WIRE_HELLO_FIRST, "no hello within 10 s", NULL));
	peer_drain(peer);
}

void peer_greeted(struct peer *peer, int64_t lease_ms)
{
	if (peer->state != PEER_HELLO)
		return;
	move(peer, PEER_READY);
	stream_limit(peer->stream, 0);
	stream_set_patience(peer->stream, stream_patience_ms(lease_ms));
	uv_timer_stop(&peer->timer);
}

/* The other side of a Unix socket shares this machine's disk; who comes over the network has yet to
 * show a token. */
static int know(struct caller *caller, const struct identity *identity)
{
	caller->local = identity->kind == IDENTITY_USER;
	caller->roles = roles_of(identity);
	snprintf(caller->from, sizeof caller->from, "%s", identity->from);
	return caller->roles || identity->kind == IDENTITY_NETWORK ? 0 : -EPERM;
}

static void on_refused_closed(uv_handle_t *handle)
{
	peer_destroy(handle->data);
}

int peer_accept(struct peer **out, uv_loop_t *loop, struct listener *listener, const struct peer_events *events)
{
	struct peer *peer = memory_alloc(1, sizeof *peer);
	if (!peer)
		return -ENOMEM;
	struct stream_events lines = {.line = on_line,
	        .writable = on_writable,
	        .ended = on_ended,
	        .closed = on_stream_closed,
	        .context = peer};
	int rc = uv_timer_init(loop, &peer->timer);
	if (rc < 0) {
		memory_free(peer);
		return rc;
	}
	peer->timer.data = peer;
	peer->events = *events;
	rc = listener_accept(&peer->stream, listener, &lines);
	if (rc == 0)
		rc = know(&peer->caller, stream_identity(peer->stream));
	if (rc == 0 && !peer->caller.local)
		stream_limit(peer->stream, HELLO_MAX_BYTES);
	if (rc == 0)
		rc = uv_timer_start(&peer->timer, on_no_hello, HELLO_TIMEOUT_MS, 0);
	if (rc < 0) {
		stream_destroy(peer->stream);
		uv_close((uv_handle_t *)&peer->timer, on_refused_closed);
		return rc;
	}
	*out = peer;
	return 0;
}
