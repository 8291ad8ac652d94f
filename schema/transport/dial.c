#include "schema/transport/dial.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/transport/tcp.h"

struct dial {
	uv_loop_t *loop;
	uv_timer_t timer; /* of the step; also what begins the first one */
	uv_getaddrinfo_t resolution;
	bool resolving;              /* its callback is due */
	struct addrinfo *found;      /* owned; the sockets of the host */
	const struct addrinfo *next; /* of them; NULL = the next host */
	size_t host;                 /* of the address, at work now */
	struct address to;           /* with the socket at work */
	struct stream *stream;       /* on its way; NULL between two */
	struct dial_events events;
	bool destroyed, timer_closed;
	int why; /* what went wrong last; a wrong key is kept */
	struct error reason;
};

static void free_if_over(struct dial *dial)
{
	if (!dial->timer_closed || dial->resolving)
		return;
	uv_freeaddrinfo(dial->found);
	memory_free(dial);
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct dial *dial = handle->data;
	dial->timer_closed = true;
	free_if_over(dial);
}

void dial_destroy(struct dial *dial)
{
	if (!dial || dial->destroyed)
		return;
	dial->destroyed = true;
	stream_destroy(dial->stream);
	if (dial->resolving)
		uv_cancel((uv_req_t *)&dial->resolution);
	uv_close((uv_handle_t *)&dial->timer, on_timer_closed);
}

/* ---- one after another ---- */

static void go_on(struct dial *dial);

static void begin_step(struct dial *dial);

/* Somebody with another key tells more than a host that is not there. */
static void note(struct dial *dial, int why, const struct error *reason)
{
	if (dial->why == -EKEYREJECTED)
		return;
	dial->why = why;
	dial->reason = *reason;
}

static void note_failure(struct dial *dial, int why, const char *what)
{
	struct error reason;
	error_set(&reason, why, "%s:%u: %s", dial->to.hosts[dial->host], dial->to.port, what);
	note(dial, why, &reason);
}

static void leave_stream(struct dial *dial)
{
	stream_destroy(dial->stream);
	dial->stream = NULL;
}

static void on_step_over(uv_timer_t *timer)
{
	struct dial *dial = timer->data;
	note_failure(dial, -ETIMEDOUT, "it does not answer");
	if (dial->resolving) { /* a thread waits for a name server: its word comes too late */
		uv_cancel((uv_req_t *)&dial->resolution);
		return;
	}
	leave_stream(dial);
	go_on(dial);
}

static void on_opened(void *context)
{
	struct dial *dial = context;
	struct stream *stream = dial->stream;
	dial->stream = NULL;
	uv_timer_stop(&dial->timer);
	dial->events.opened(dial->events.context, stream);
}

static void on_ended(void *context, int why)
{
	struct dial *dial = context;
	struct error what = {""}, reason;
	const bool insecure = why == -EPROTO || why == -EKEYREJECTED;
	stream_explain(dial->stream, why, &what);
	error_set(&reason, why, insecure ? "%s:%u %s" : "%s:%u: %s", dial->to.hosts[dial->host], dial->to.port,
	        what.text);
	note(dial, why ? why : -ECONNRESET, &reason);
	leave_stream(dial);
	go_on(dial);
}

static void connect_socket(struct dial *dial)
{
	const struct stream_events events = {.opened = on_opened, .ended = on_ended, .context = dial};
	begin_step(dial);
	int rc = stream_open(&dial->stream, dial->loop, &stream_tcp, &dial->to, &events);
	if (rc == 0)
		return;
	note_failure(dial, rc, uv_strerror(rc));
	dial->stream = NULL;
	go_on(dial);
}

static void set_port(struct dial *dial)
{
	if (dial->to.socket.ss_family == AF_INET)
		((struct sockaddr_in *)&dial->to.socket)->sin_port = htons(dial->to.port);
	else
		((struct sockaddr_in6 *)&dial->to.socket)->sin6_port = htons(dial->to.port);
}

static void on_resolved(uv_getaddrinfo_t *resolution, int status, struct addrinfo *found)
{
	struct dial *dial = resolution->data;
	dial->resolving = false;
	uv_freeaddrinfo(dial->found);
	dial->found = status == 0 ? found : NULL;
	dial->next = dial->found;
	if (dial->destroyed) {
		free_if_over(dial);
		return;
	}
	if (status < 0 && dial->why != -ETIMEDOUT)
		note_failure(
		        dial, status, status == UV_EAI_NONAME ? "no host of that name is known" : uv_strerror(status));
	if (!dial->found)
		dial->host++;
	go_on(dial);
}

static void resolve(struct dial *dial)
{
	const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	begin_step(dial);
	dial->resolution.data = dial;
	int rc = uv_getaddrinfo(dial->loop, &dial->resolution, on_resolved, dial->to.hosts[dial->host], NULL, &hints);
	dial->resolving = rc == 0;
	if (rc == 0)
		return;
	note_failure(dial, rc, uv_strerror(rc));
	dial->host++;
	go_on(dial);
}

/* The next socket of this host, or the next host, or the end. */
static void go_on(struct dial *dial)
{
	if (dial->next) {
		memcpy(&dial->to.socket, dial->next->ai_addr, dial->next->ai_addrlen);
		set_port(dial);
		dial->next = dial->next->ai_next;
		connect_socket(dial);
		return;
	}
	if (dial->found) { /* all of its sockets were tried */
		uv_freeaddrinfo(dial->found);
		dial->found = NULL;
		dial->host++;
	}
	if (dial->host < dial->to.host_count) {
		resolve(dial);
		return;
	}
	uv_timer_stop(&dial->timer);
	dial->events.failed(dial->events.context, dial->why, dial->reason.text);
}

static void begin_step(struct dial *dial)
{
	uv_timer_start(&dial->timer, on_step_over, DIAL_STEP_MS, 0);
}

static void on_start(uv_timer_t *timer)
{
	go_on(timer->data);
}

int dial_start(struct dial **out, uv_loop_t *loop, const struct address *to, const struct dial_events *events)
{
	struct dial *dial = memory_alloc(1, sizeof *dial);
	if (!dial)
		return -ENOMEM;
	*dial = (struct dial){.loop = loop, .to = *to, .events = *events, .why = -EINVAL};
	int rc = uv_timer_init(loop, &dial->timer);
	if (rc < 0) {
		memory_free(dial);
		return rc;
	}
	dial->timer.data = dial;
	uv_timer_start(&dial->timer, on_start, 0, 0); /* no event comes before the caller knows of it */
	*out = dial;
	return 0;
}
