#include "schema/transport/dial.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/transport/tcp.h"

#define TICK_MS 500      /* after which the next one is tried as well … */
#define SECURING_TICKS 8 /* … unless somebody is there, who may have much to do … */
#define STEP_TICKS 20    /* … and after which one is given up */
#define ATTEMPTS_MOST 8  /* at a time */

/* A socket that is tried. */
struct attempt {
	struct dial *dial;
	struct stream *stream; /* on its way; NULL = none */
	size_t host;
	int ticks;
};

struct dial {
	uv_loop_t *loop;
	uv_timer_t timer; /* of the ticks, the first one at once */
	uv_getaddrinfo_t resolution;
	bool resolving; /* its callback is due … */
	int resolving_ticks;
	struct addrinfo *found;      /* owned; the sockets of the host */
	const struct addrinfo *next; /* of them; NULL = the next host */
	size_t host;                 /* of the address, that is resolved or was last */
	struct address to;           /* with the socket that was tried last */
	struct attempt attempts[ATTEMPTS_MOST];
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

static void leave(struct attempt *attempt)
{
	stream_destroy(attempt->stream);
	attempt->stream = NULL;
}

static void leave_others(struct dial *dial)
{
	for (size_t i = 0; i < ATTEMPTS_MOST; i++)
		leave(&dial->attempts[i]);
}

void dial_destroy(struct dial *dial)
{
	if (!dial || dial->destroyed)
		return;
	dial->destroyed = true;
	leave_others(dial);
	if (dial->resolving)
		uv_cancel((uv_req_t *)&dial->resolution);
	uv_close((uv_handle_t *)&dial->timer, on_timer_closed);
}

/* ---- one after another ---- */

static void go_on(struct dial *dial);

/* Somebody with another key tells more than a host that is not there. */
static void note(struct dial *dial, int why, const struct error *reason)
{
	if (dial->why == -EKEYREJECTED)
		return;
	dial->why = why;
	dial->reason = *reason;
}

static void note_failure(struct dial *dial, size_t host, int why, const char *what)
{
	struct error reason;
	error_set(&reason, why, "%s:%u: %s", dial->to.hosts[host], dial->to.port, what);
	note(dial, why, &reason);
}

static void on_opened(void *context)
{
	struct attempt *attempt = context;
	struct dial *dial = attempt->dial;
	struct stream *stream = attempt->stream;
	attempt->stream = NULL;
	leave_others(dial);
	uv_timer_stop(&dial->timer);
	dial->events.opened(dial->events.context, stream);
}

static void on_ended(void *context, int why)
{
	struct attempt *attempt = context;
	struct dial *dial = attempt->dial;
	struct error what = {""}, reason;
	const bool insecure = why == -EPROTO || why == -EKEYREJECTED;
	stream_explain(attempt->stream, why, &what);
	error_set(&reason, why, insecure ? "%s:%u %s" : "%s:%u: %s", dial->to.hosts[attempt->host], dial->to.port,
	        what.text);
	note(dial, why ? why : -ECONNRESET, &reason);
	leave(attempt);
	go_on(dial);
}

static struct attempt *find_free(struct dial *dial)
{
	for (size_t i = 0; i < ATTEMPTS_MOST; i++)
		if (!dial->attempts[i].stream)
			return &dial->attempts[i];
	return NULL;
}

static bool is_under_way(const struct dial *dial)
{
	for (size_t i = 0; i < ATTEMPTS_MOST; i++)
		if (dial->attempts[i].stream)
			return true;
	return dial->resolving;
}

/* False when nothing came of it. */
static bool connect_socket(struct dial *dial, struct attempt *attempt)
{
	const struct stream_events events = {.opened = on_opened, .ended = on_ended, .context = attempt};
	*attempt = (struct attempt){.dial = dial, .host = dial->host};
	int rc = stream_open(&attempt->stream, dial->loop, &stream_tcp, &dial->to, &events);
	if (rc < 0)
		note_failure(dial, dial->host, rc, uv_strerror(rc));
	return rc == 0;
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
	if (status < 0 && dial->resolving_ticks < STEP_TICKS)
		note_failure(dial, dial->host, status,
		        status == UV_EAI_NONAME ? "no host of that name is known" : uv_strerror(status));
	if (!dial->found)
		dial->host++;
	go_on(dial);
}

/* False when it cannot even begin. */
static bool resolve(struct dial *dial)
{
	const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	dial->resolution.data = dial;
	dial->resolving_ticks = 0;
	int rc = uv_getaddrinfo(dial->loop, &dial->resolution, on_resolved, dial->to.hosts[dial->host], NULL, &hints);
	dial->resolving = rc == 0;
	if (rc < 0)
		note_failure(dial, dial->host++, rc, uv_strerror(rc));
	return rc == 0;
}

/* The next socket of this host, or the next host. False when there is none, or nothing comes of
 * it. */
static bool begin_next(struct dial *dial, struct attempt *attempt)
{
	if (dial->next) {
		memcpy(&dial->to.socket, dial->next->ai_addr, dial->next->ai_addrlen);
		set_port(dial);
		dial->next = dial->next->ai_next;
		return connect_socket(dial, attempt);
	}
	if (dial->found) { /* all of its sockets were tried */
		uv_freeaddrinfo(dial->found);
		dial->found = NULL;
		dial->host++;
	}
	return dial->host < dial->to.host_count && resolve(dial);
}

static bool has_more(const struct dial *dial)
{
	return dial->next || dial->host + (dial->found != NULL) < dial->to.host_count;
}

/* One more, or the end. */
static void go_on(struct dial *dial)
{
	struct attempt *attempt = find_free(dial);
	while (attempt && !dial->resolving && has_more(dial))
		if (begin_next(dial, attempt))
			return;
	if (is_under_way(dial))
		return;
	uv_timer_stop(&dial->timer);
	dial->events.failed(dial->events.context, dial->why, dial->reason.text);
}

/* ---- time ---- */

static void give_up_old(struct dial *dial)
{
	for (size_t i = 0; i < ATTEMPTS_MOST; i++) {
		struct attempt *attempt = &dial->attempts[i];
		if (!attempt->stream || ++attempt->ticks < STEP_TICKS)
			continue;
		note_failure(dial, attempt->host, -ETIMEDOUT, "it does not answer");
		leave(attempt);
	}
	if (!dial->resolving || ++dial->resolving_ticks != STEP_TICKS)
		return;
	note_failure(dial, dial->host, -ETIMEDOUT, "it does not answer");
	uv_cancel((uv_req_t *)&dial->resolution); /* where a thread waits for a name server its word comes too late */
}

/* Somebody is there and may be the daemon. */
static bool is_securing(const struct dial *dial)
{
	for (size_t i = 0; i < ATTEMPTS_MOST; i++) {
		const struct attempt *attempt = &dial->attempts[i];
		if (attempt->stream && attempt->ticks < SECURING_TICKS &&
		        stream_identity(attempt->stream)->kind == IDENTITY_NETWORK)
			return true;
	}
	return false;
}

static void on_tick(uv_timer_t *timer)
{
	struct dial *dial = timer->data;
	give_up_old(dial);
	if (!dial->resolving && !is_securing(dial))
		go_on(dial);
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
	uv_timer_start(&dial->timer, on_tick, 0, TICK_MS); /* no event comes before the caller knows of it */
	*out = dial;
	return 0;
}
