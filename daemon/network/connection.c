#define _GNU_SOURCE /* struct ucred */
#include "daemon/network/connection.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "schema/base/log.h"
#include "schema/base/memory.h"

struct reply_line {
	uv_write_t request;
	char *line; /* owned */
};

/* Allowed moves, from row to column. */
static bool may_become(enum connection_state from, enum connection_state to)
{
	static const bool moves[4][4] = {
	        [CONNECTION_HELLO] = {[CONNECTION_READY] = true, [CONNECTION_DRAINING] = true},
	        [CONNECTION_READY] = {[CONNECTION_DRAINING] = true},
	        [CONNECTION_DRAINING] = {[CONNECTION_CLOSED] = true},
	};
	return moves[from][to];
}

static void move(struct connection *connection, enum connection_state to)
{
	bool allowed = may_become(connection->state, to);
	assert(allowed);
	(void)allowed;
	connection->state = to;
}

void connection_destroy(struct connection *connection)
{
	if (!connection)
		return;
	frame_reader_finish(&connection->frames);
	memory_free(connection->peer.name);
	memory_free(connection->peer.session);
	memory_free(connection->peer.software);
	memory_free(connection->peer.watched);
	memory_free(connection);
}

static void on_handle_closed(uv_handle_t *handle)
{
	struct connection *connection = handle->data;
	if (--connection->open_handles == 0)
		connection->events.closed(connection->events.context, connection);
}

static void close_handles(struct connection *connection)
{
	if (connection->state == CONNECTION_CLOSED)
		return;
	move(connection, CONNECTION_CLOSED);
	uv_close((uv_handle_t *)&connection->pipe, on_handle_closed);
	uv_close((uv_handle_t *)&connection->hello_timer, on_handle_closed);
}

/* A peer that closed its half, or spoke nonsense at last, still gets the answers to what it asked before. */
static void close_when_done(struct connection *connection)
{
	if (connection->state == CONNECTION_DRAINING && connection->turn_requests == 0 &&
	        uv_stream_get_write_queue_size((uv_stream_t *)&connection->pipe) == 0)
		close_handles(connection);
}

static void after_write(uv_write_t *request, int status)
{
	struct reply_line *outgoing = request->data;
	struct connection *connection = request->handle->data;
	memory_free(outgoing->line);
	memory_free(outgoing);
	if (status < 0)
		connection_drain(connection);
	close_when_done(connection);
}

void connection_drain(struct connection *connection)
{
	if (connection->state < CONNECTION_DRAINING) {
		move(connection, CONNECTION_DRAINING);
		uv_read_stop((uv_stream_t *)&connection->pipe);
		uv_timer_stop(&connection->hello_timer);
	}
	close_when_done(connection); /* with nothing queued there is no callback to wait for */
}

void connection_greeted(struct connection *connection)
{
	if (connection->state != CONNECTION_HELLO)
		return;
	move(connection, CONNECTION_READY);
	uv_timer_stop(&connection->hello_timer);
}

static int queue_line(struct connection *connection, char *line)
{
	struct reply_line *outgoing = memory_alloc(1, sizeof *outgoing);
	if (!outgoing)
		return -ENOMEM;
	outgoing->line = line;
	outgoing->request.data = outgoing;
	uv_buf_t bytes = uv_buf_init(line, (unsigned)strlen(line));
	int rc = uv_write(&outgoing->request, (uv_stream_t *)&connection->pipe, &bytes, 1, after_write);
	if (rc < 0)
		memory_free(outgoing);
	return rc;
}

void connection_send(struct connection *connection, char *line)
{
	bool open = connection->state != CONNECTION_CLOSED;
	if (!line || !open || queue_line(connection, line) < 0) {
		memory_free(line);
		connection_drain(connection);
		return;
	}
	if (uv_stream_get_write_queue_size((uv_stream_t *)&connection->pipe) > UNSENT_LIMIT_BYTES) {
		log_warning("%s reads too slowly: %u bytes are unsent, closing",
		        connection->peer.name ? connection->peer.name : "a peer", UNSENT_LIMIT_BYTES);
		connection_drain(connection);
		close_handles(connection);
	}
}

static void give_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	(void)suggested;
	*buffer = uv_buf_init(((struct connection *)handle->data)->buffer, READ_BYTES);
}

static void take_lines(struct connection *connection)
{
	size_t length;
	char *line;
	while (connection->state < CONNECTION_DRAINING && (line = frame_reader_next(&connection->frames, &length)))
		connection->events.line(connection->events.context, connection, line, length);
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
	struct connection *connection = stream->data;
	if (count < 0) {
		connection_drain(connection);
		return;
	}
	int rc = frame_reader_push(&connection->frames, buffer->base, (size_t)count);
	take_lines(connection);
	if (rc == 0 || connection->state >= CONNECTION_DRAINING)
		return;
	if (rc == -EMSGSIZE)
		connection_send(connection, message_error(NULL, WIRE_TOO_LARGE, "a line is longer than 1 MiB", NULL));
	connection_drain(connection);
}

static void on_no_hello(uv_timer_t *timer)
{
	struct connection *connection = timer->data;
	connection_send(connection, message_error(NULL, WIRE_HELLO_FIRST, "no hello within 10 s", NULL));
	connection_drain(connection);
}

bool connection_has_listener(const struct connection *connection)
{
	struct pollfd peer = {0};
	if (connection->state == CONNECTION_CLOSED)
		return false;
	if (uv_fileno((const uv_handle_t *)&connection->pipe, &peer.fd) < 0)
		return false;
	return poll(&peer, 1, 0) <= 0 || !(peer.revents & (POLLHUP | POLLERR));
}

/* File mode already keeps others out; this holds even where a home was made group-accessible by hand. */
static int check_user(struct connection *connection)
{
	struct ucred who;
	socklen_t length = sizeof who;
	uv_os_fd_t fd;
	int rc = uv_fileno((uv_handle_t *)&connection->pipe, &fd);
	if (rc < 0)
		return rc;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &length) < 0)
		return -errno;
	return who.uid == geteuid() || who.uid == 0 ? 0 : -EPERM;
}

int connection_accept(struct connection **out, uv_stream_t *listener, const struct connection_events *events)
{
	struct connection *connection = memory_alloc(1, sizeof *connection);
	if (!connection)
		return -ENOMEM;
	connection->events = *events;
	connection->open_handles = 2;
	uv_pipe_init(listener->loop, &connection->pipe, 0);
	uv_timer_init(listener->loop, &connection->hello_timer);
	connection->pipe.data = connection->hello_timer.data = connection;
	int rc = uv_accept(listener, (uv_stream_t *)&connection->pipe);
	if (rc == 0)
		rc = check_user(connection);
	if (rc == 0)
		rc = uv_read_start((uv_stream_t *)&connection->pipe, give_buffer, on_read);
	if (rc == 0)
		rc = uv_timer_start(&connection->hello_timer, on_no_hello, HELLO_TIMEOUT_MS, 0);
	*out = connection;
	if (rc < 0)
		connection_drain(connection);
	return rc;
}
