#include "schema/transport/stream.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/transport/frame.h"
#include "schema/transport/tls.h"

#define READ_BYTES 65536
#define PLAIN_BYTES 16384 /* of a record */
#define KNOCK_BYTES 2048  /* kept of who waits for a step of the handshake */
#define PATIENCE_LEAST_MS 5000

enum stream_state { STREAM_OPENING, STREAM_OPEN, STREAM_ENDED, STREAM_DRAINING, STREAM_CLOSED, STREAM_STATE_COUNT };

struct stream {
	union uv_any_handle handle;
	uv_connect_t connect;
	const struct stream_kind *kind;
	enum stream_state state;
	struct identity identity;
	struct stream_events events;
	struct frame_reader frames;
	struct tls *tls;            /* owned; NULL = bytes go as they are, or none do yet */
	struct handshake handshake; /* at a door, while opening … */
	size_t knocked, waiting;    /* … bytes that it has sent, and those of them that wait */
	struct unsent unsent;       /* while full or behind the owner waits for `writable` */
	bool paused, reading;       /* by the owner; from the kernel */
	int failed;                 /* what ends it once the lines before it are delivered; 0 = nothing */
	char knock[KNOCK_BYTES];    /* what waits; all else is taken from a buffer at once */
};

/* Allowed moves, from row to column. */
static void move(struct stream *stream, enum stream_state to)
{
	static const bool moves[STREAM_STATE_COUNT][STREAM_STATE_COUNT] = {
	        [STREAM_OPENING] = {[STREAM_OPEN] = true, [STREAM_ENDED] = true, [STREAM_CLOSED] = true},
	        [STREAM_OPEN] = {[STREAM_ENDED] = true, [STREAM_CLOSED] = true},
	        [STREAM_ENDED] = {[STREAM_DRAINING] = true, [STREAM_CLOSED] = true},
	        [STREAM_DRAINING] = {[STREAM_CLOSED] = true},
	};
	assert(moves[stream->state][to]);
	(void)moves;
	stream->state = to;
}

static bool is_at_door(const struct stream *stream)
{
	return stream->state == STREAM_OPENING && stream->kind->handshakes;
}

/* ---- reading ---- */

static void give_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	(void)suggested;
	static _Thread_local char bytes[READ_BYTES]; /* of all streams, for the time of a callback */
	struct stream *stream = handle->data;
	*buffer = is_at_door(stream) ? uv_buf_init(stream->knock, KNOCK_BYTES) : uv_buf_init(bytes, READ_BYTES);
}

static void on_read(uv_stream_t *handle, ssize_t count, const uv_buf_t *buffer);

static int read_start(struct stream *stream)
{
	int rc = stream->reading ? 0 : uv_read_start(&stream->handle.stream, give_buffer, on_read);
	stream->reading = rc == 0;
	return rc;
}

static void read_stop(struct stream *stream)
{
	uv_read_stop(&stream->handle.stream);
	stream->reading = false;
}

/* ---- the end ---- */

static void on_handle_closed(uv_handle_t *handle)
{
	struct stream *stream = handle->data;
	frame_reader_finish(&stream->frames);
	tls_destroy(stream->tls);
	if (stream->events.closed)
		stream->events.closed(stream->events.context);
	memory_free(stream);
}

static void close_handle(struct stream *stream)
{
	move(stream, STREAM_CLOSED);
	handshake_leave(&stream->handshake);
	uv_close(&stream->handle.handle, on_handle_closed);
}

/* Lines that cannot leave because the other side is gone are failed by libuv one after another. */
static void close_when_drained(struct stream *stream)
{
	if (stream->state == STREAM_DRAINING && unsent_bytes(&stream->unsent) == 0)
		close_handle(stream);
}

/* ---- bytes out ---- */

static void on_left(struct unsent *unsent)
{
	struct stream *stream = list_entry(unsent, struct stream, unsent);
	if (stream->state < STREAM_DRAINING && unsent_has_room(unsent) && stream->events.writable)
		stream->events.writable(stream->events.context);
	close_when_drained(stream);
}

/* What the filter has to say goes out, be it alone or behind a line. */
static int send_cipher(struct stream *stream)
{
	long length;
	char *bytes = tls_take(&length, stream->tls);
	if (!bytes)
		return length < 0 ? -ENOMEM : 0;
	int rc = unsent_queue(&stream->unsent, bytes, (size_t)length);
	if (rc < 0)
		memory_free(bytes);
	return rc;
}

static int queue_line(struct stream *stream, char *line)
{
	if (!stream->kind->secure)
		return unsent_queue(&stream->unsent, line, strlen(line));
	int rc = stream->tls ? tls_write(stream->tls, line, strlen(line)) : -ENOTCONN;
	if (rc == 0)
		rc = send_cipher(stream);
	if (rc == 0)
		memory_free(line);
	return rc;
}

static void say_goodbye(struct stream *stream)
{
	if (!stream->tls)
		return;
	tls_close(stream->tls);
	send_cipher(stream);
}

/* ---- no more in ---- */

void stream_stop(struct stream *stream)
{
	if (stream->state >= STREAM_ENDED)
		return;
	move(stream, STREAM_ENDED);
	handshake_leave(&stream->handshake);
	read_stop(stream);
}

void stream_close(struct stream *stream)
{
	stream_stop(stream);
	if (stream->state == STREAM_ENDED) {
		say_goodbye(stream);
		move(stream, STREAM_DRAINING);
	}
	close_when_drained(stream); /* with nothing queued there is no callback to wait for */
}

void stream_destroy(struct stream *stream)
{
	if (!stream)
		return;
	stream->events = (struct stream_events){0};
	if (stream->state != STREAM_CLOSED)
		close_handle(stream);
}

static void end(struct stream *stream, int why)
{
	if (stream->state >= STREAM_ENDED)
		return;
	stream_stop(stream);
	if (stream->events.ended)
		stream->events.ended(stream->events.context, why == UV_EOF ? 0 : why);
}

/* ---- lines in ---- */

static void deliver_lines(struct stream *stream)
{
	size_t length;
	char *line;
	while (stream->state == STREAM_OPEN && !stream->paused && (line = frame_reader_next(&stream->frames, &length)))
		if (stream->events.line)
			stream->events.line(stream->events.context, line, length);
}

/* What is left when the owner pauses fills no more than one buffer: the kernel keeps the rest, and
 * whoever writes has to wait. */
static void go_on(struct stream *stream)
{
	deliver_lines(stream);
	if (stream->state == STREAM_OPENING && stream->failed)
		end(stream, stream->failed);
	if (stream->state != STREAM_OPEN)
		return;
	if (stream->paused && (stream->failed || !frame_reader_is_empty(&stream->frames)))
		read_stop(stream);
	else if (!stream->paused && (stream->failed || (stream->failed = read_start(stream)) < 0))
		end(stream, stream->failed);
}

void stream_limit(struct stream *stream, size_t line_bytes)
{
	stream->frames.limit = line_bytes;
}

void stream_pause(struct stream *stream)
{
	stream->paused = true;
}

void stream_resume(struct stream *stream)
{
	stream->paused = false;
	if (stream->state == STREAM_OPEN)
		go_on(stream);
}

/* Plain bytes as they come out of the filter. */
static int take_plain(struct stream *stream)
{
	char plain[PLAIN_BYTES];
	size_t count;
	int rc = 0;
	while (rc == 0 && (count = tls_read(stream->tls, plain, sizeof plain)) > 0)
		rc = frame_reader_push(&stream->frames, plain, count);
	return rc;
}

static int state_of_filter(const struct stream *stream)
{
	const enum tls_state state = tls_state(stream->tls);
	return state == TLS_FAILED ? tls_why(stream->tls, NULL) : state == TLS_ENDED ? UV_EOF : 0;
}

static void open_up(struct stream *stream)
{
	move(stream, STREAM_OPEN);
	if (stream->events.opened)
		stream->events.opened(stream->events.context);
}

/* 0, or what ends the stream once the lines before it are delivered. */
static int take_cipher(struct stream *stream, const char *bytes, size_t length)
{
	int rc = tls_receive(stream->tls, bytes, length);
	if (rc == 0 && stream->state == STREAM_OPENING && tls_state(stream->tls) == TLS_OPEN)
		rc = send_cipher(stream);
	if (rc == 0 && stream->state == STREAM_OPENING && tls_state(stream->tls) == TLS_OPEN)
		open_up(stream);
	if (rc == 0 && stream->state == STREAM_OPEN)
		rc = take_plain(stream);
	if (rc == 0 && stream->state != STREAM_CLOSED)
		rc = send_cipher(stream);
	return rc < 0 ? rc : state_of_filter(stream);
}

/* The kernel keeps what comes until it is its turn. */
static void await_turn(struct stream *stream, size_t count)
{
	if (count == 0)
		return;
	read_stop(stream);
	stream->waiting = count;
	handshakes_wait(stream->kind->handshakes, &stream->handshake);
}

static int step(struct stream *stream)
{
	int rc = stream->tls ? 0 : tls_accept(&stream->tls, stream->kind->server);
	if (rc == 0)
		rc = take_cipher(stream, stream->knock, stream->waiting);
	stream->knocked += stream->waiting;
	if (rc == 0 && is_at_door(stream))
		rc = stream->knocked > STREAM_OPENING_BYTES ? -EPROTO : read_start(stream);
	return rc;
}

static void on_turn(struct handshake *handshake)
{
	struct stream *stream = list_entry(handshake, struct stream, handshake);
	stream->failed = step(stream);
	go_on(stream);
}

static int take(struct stream *stream, const char *bytes, size_t length)
{
	return stream->tls ? take_cipher(stream, bytes, length) : frame_reader_push(&stream->frames, bytes, length);
}

static void on_read(uv_stream_t *handle, ssize_t count, const uv_buf_t *buffer)
{
	struct stream *stream = handle->data;
	if (count < 0) {
		end(stream, count == UV_EOF && stream->state == STREAM_OPENING ? -ECONNRESET : (int)count);
		return;
	}
	if (stream->events.heard)
		stream->events.heard(stream->events.context);
	if (is_at_door(stream)) {
		await_turn(stream, (size_t)count);
		return;
	}
	stream->failed = take(stream, buffer->base, (size_t)count);
	go_on(stream); /* also with the lines before one that is too long */
}

/* ---- lines out ---- */

static int check_write(const struct stream *stream, const char *line)
{
	if (!line)
		return -ENOMEM;
	if (stream->state != STREAM_OPEN && stream->state != STREAM_ENDED)
		return -ENOTCONN;
	return stream->unsent.full ? -ENOBUFS : 0;
}

int stream_write(struct stream *stream, char *line)
{
	int rc = check_write(stream, line);
	if (rc == 0)
		rc = queue_line(stream, line);
	if (rc < 0) {
		memory_free(line);
		return rc;
	}
	return unsent_is_full(&stream->unsent) ? STREAM_FULL : 0;
}

bool stream_is_behind(struct stream *stream)
{
	return unsent_is_behind(&stream->unsent);
}

/* ---- the beginning ---- */

static int create(
        struct stream **out, uv_loop_t *loop, const struct stream_kind *kind, const struct stream_events *events)
{
	struct stream *stream = memory_alloc(1, sizeof *stream);
	if (!stream)
		return -ENOMEM;
	int rc = kind->init(loop, &stream->handle);
	if (rc < 0) {
		memory_free(stream);
		return rc;
	}
	stream->handle.handle.data = stream->connect.data = stream;
	stream->kind = kind;
	stream->handshake.step = on_turn;
	stream->unsent = (struct unsent){.handle = &stream->handle.stream, .left = on_left};
	stream->events = *events;
	*out = stream;
	return 0;
}

static int begin(struct stream *stream)
{
	const struct stream_kind *kind = stream->kind;
	int rc = kind->identify(&stream->identity, &stream->handle);
	if (rc == 0)
		rc = read_start(stream);
	if (rc == 0 && stream->tls)
		rc = take_cipher(stream, NULL, 0);
	else if (rc == 0 && !kind->secure)
		move(stream, STREAM_OPEN);
	return rc;
}

static void on_connect(uv_connect_t *request, int status)
{
	struct stream *stream = request->data;
	if (stream->state != STREAM_OPENING)
		return;
	if (status == 0)
		status = begin(stream);
	if (status < 0)
		end(stream, status);
	else if (!stream->tls && stream->events.opened)
		stream->events.opened(stream->events.context);
}

int stream_open(struct stream **out, uv_loop_t *loop, const struct stream_kind *kind, const struct address *to,
        const struct stream_events *events)
{
	struct stream *stream;
	int rc = create(&stream, loop, kind, events);
	if (rc < 0)
		return rc;
	rc = kind->secure ? tls_connect(&stream->tls, to->token.pin) : 0;
	if (rc == 0)
		rc = kind->connect(&stream->connect, &stream->handle, to, on_connect);
	if (rc < 0) {
		stream_destroy(stream);
		return rc;
	}
	*out = stream;
	return 0;
}

int stream_accept(
        struct stream **out, uv_stream_t *listener, const struct stream_kind *kind, const struct stream_events *events)
{
	struct stream *stream;
	int rc = create(&stream, listener->loop, kind, events);
	if (rc < 0)
		return rc;
	rc = uv_accept(listener, &stream->handle.stream);
	if (rc == 0)
		rc = begin(stream);
	if (rc < 0) {
		stream_destroy(stream);
		return rc;
	}
	*out = stream;
	return 0;
}

/* ---- the other side ---- */

const struct identity *stream_identity(const struct stream *stream)
{
	return &stream->identity;
}

bool stream_has_listener(const struct stream *stream)
{
	struct pollfd other = {0};
	if (stream->state == STREAM_CLOSED || uv_fileno(&stream->handle.handle, &other.fd) < 0)
		return false;
	return poll(&other, 1, 0) <= 0 || !(other.revents & (POLLHUP | POLLERR));
}

uint64_t stream_patience_ms(int64_t lease_ms)
{
	return lease_ms / 3 > PATIENCE_LEAST_MS ? (uint64_t)lease_ms / 3 : PATIENCE_LEAST_MS;
}

void stream_set_patience(struct stream *stream, uint64_t silence_ms)
{
	if (stream->kind->bear)
		stream->kind->bear(&stream->handle, silence_ms);
}

void stream_set_events(struct stream *stream, const struct stream_events *events)
{
	stream->events = *events;
}

void stream_explain(const struct stream *stream, int why, struct error *error)
{
	if (stream->tls && (why == -EPROTO || why == -EKEYREJECTED))
		tls_why(stream->tls, error);
	else
		error_set(error, why, "%s", uv_strerror(why));
}
