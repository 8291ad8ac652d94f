#include "schema/transport/link.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "schema/api/shape_read.h"
#include "schema/api/shape_write.h"
#include "schema/base/log.h"
#include "schema/base/memory.h"
#include "schema/space/json.h"
#include "schema/space/json_parse.h"
#include "schema/transport/dial.h"
#include "schema/transport/frame.h"
#include "schema/transport/pipe.h"

#define GREETING_MS 10000
#define LONGEST_LEASE_S 1e6
#define FIRST_PAUSE_MS 100.0
#define LONGEST_PAUSE_MS 15000.0

enum link_state { LINK_DOWN, LINK_CONNECTING, LINK_GREETING, LINK_UP, LINK_CLOSED, LINK_STATE_COUNT };

struct link {
	uv_loop_t *loop;
	uv_timer_t timer;      /* down: when to come back; else the watchdog */
	struct stream *stream; /* NULL while down … */
	struct dial *dial;     /* … or on the way over the network; NULL else */
	enum link_state state;
	struct link_events events;
	struct address address;
	enum role role;
	struct hello_machine machine;
	char *name; /* owned */
	bool comes_back;
	char session[128]; /* "" before the first hello */
	struct calls calls;
	uint64_t silence_ms; /* that is worth a question, and as much again */
	uint64_t heard_ms;   /* uv_now of the last byte, or of the first call after a pause */
	bool asked, looked;  /* since then: whether it is there; whether bytes wait unread */
	int failure_count;   /* since the last hello */
	struct rng rng;      /* for the jitter */
};

/* Allowed moves, from row to column. */
static void move(struct link *link, enum link_state to)
{
	static const bool moves[LINK_STATE_COUNT][LINK_STATE_COUNT] = {
	        [LINK_DOWN] = {[LINK_CONNECTING] = true, [LINK_CLOSED] = true},
	        [LINK_CONNECTING] = {[LINK_GREETING] = true, [LINK_DOWN] = true, [LINK_CLOSED] = true},
	        [LINK_GREETING] = {[LINK_UP] = true, [LINK_DOWN] = true, [LINK_CLOSED] = true},
	        [LINK_UP] = {[LINK_DOWN] = true, [LINK_CLOSED] = true},
	};
	assert(moves[link->state][to]);
	(void)moves;
	link->state = to;
}

/* ---- coming back ---- */

uint64_t link_pause_ms(int failure_count, struct rng *rng)
{
	double pause = FIRST_PAUSE_MS;
	for (int i = 0; i < failure_count && pause < LONGEST_PAUSE_MS; i++)
		pause *= 2;
	if (pause > LONGEST_PAUSE_MS)
		pause = LONGEST_PAUSE_MS;
	return (uint64_t)(pause * (0.5 + rng_uniform(rng)));
}

static int connect_now(struct link *link);
static void come_back_later(struct link *link, const char *reason);

static void on_retry(uv_timer_t *timer)
{
	struct link *link = timer->data;
	int rc = connect_now(link);
	if (rc < 0)
		come_back_later(link, uv_strerror(rc));
}

static void come_back_later(struct link *link, const char *reason)
{
	uint64_t pause_ms = link_pause_ms(link->failure_count++, &link->rng);
	/* One line when it breaks, then one for each doubling beyond patience. */
	if (link->failure_count == 1 || link->failure_count > 5)
		log_warning("no daemon at the other end (%s); trying again in %.1f s", reason, (double)pause_ms / 1000);
	uv_timer_start(&link->timer, on_retry, pause_ms, 0);
}

static void leave_stream(struct link *link)
{
	uv_timer_stop(&link->timer);
	dial_destroy(link->dial);
	stream_destroy(link->stream);
	link->dial = NULL;
	link->stream = NULL;
}

/* Each callback may destroy the link, which then is freed in a later turn. */
static void lose(struct link *link, int why, const char *reason)
{
	if (link->state == LINK_DOWN || link->state == LINK_CLOSED)
		return;
	move(link, LINK_DOWN);
	leave_stream(link);
	calls_lose(&link->calls, true);
	if (link->state == LINK_CLOSED)
		return;
	if (link->events.down)
		link->events.down(link->events.context, why, reason);
	if (link->state != LINK_CLOSED && link->comes_back)
		come_back_later(link, reason);
}

/* ---- the watchdog ---- */

static int send_call(struct link *link, const struct link_request *request);
static void on_silence(uv_timer_t *timer);

static void on_heard(void *context)
{
	struct link *link = context;
	link->heard_ms = uv_now(link->loop);
	link->asked = link->looked = false;
}

/* A call is out. While others are, the watchdog runs. */
static void watch(struct link *link)
{
	if (link->state != LINK_UP || uv_is_active((uv_handle_t *)&link->timer))
		return;
	on_heard(link);
	uv_timer_start(&link->timer, on_silence, link->silence_ms, 0);
}

static void on_pong(void *context, const struct call_reply *reply)
{
	(void)context;
	(void)reply; /* its bytes were heard: that is all */
}

static void give_up(struct link *link, uint64_t silent_ms)
{
	char reason[80];
	snprintf(reason, sizeof reason, "nothing was heard for %.0f s", (double)silent_ms / 1000);
	lose(link, -ETIMEDOUT, reason);
}

/* Somebody who was stopped, or slept, has yet to read what came meanwhile: the loop does that
 * before the timer fires again. */
static void on_silence(uv_timer_t *timer)
{
	struct link *link = timer->data;
	const struct nothing nothing = {0};
	const uint64_t silent_ms = uv_now(link->loop) - link->heard_ms;
	const uint64_t limit_ms = link->silence_ms * (link->asked ? 2 : 1);
	if (list_empty(&link->calls.out))
		return;
	if (silent_ms < limit_ms) {
		uv_timer_start(timer, on_silence, limit_ms - silent_ms, 0);
	} else if (!link->asked) {
		link->asked = true;
		uv_timer_start(timer, on_silence, link->silence_ms, 0);
		send_call(link, &(struct link_request){METHOD_DAEMON_PING, &nothing, 0, on_pong, NULL});
	} else if (!link->looked) {
		link->looked = true;
		uv_timer_start(timer, on_silence, 0, 0);
	} else {
		give_up(link, silent_ms);
	}
}

static void on_no_hello(uv_timer_t *timer)
{
	give_up(timer->data, GREETING_MS);
}

/* ---- calls ---- */

/* The daemon would hang up on a line over the limit. */
static int write_line(struct link *link, char *line)
{
	if (line && strlen(line) > FRAME_MAX_BYTES) {
		memory_free(line);
		return -EMSGSIZE;
	}
	return stream_write(link->stream, line);
}

static int send_call(struct link *link, const struct link_request *request)
{
	struct text params = TEXT_NULL;
	struct call *call;
	struct call wanted = {
	        .method = request->method, .id = request->id, .reply = request->reply, .context = request->context};
	int rc = calls_add(&call, &link->calls, &wanted);
	if (rc < 0)
		return rc;
	watch(link);
	shape_write(&params, method_params(request->method), request->params);
	rc = params.failed ? -ENOMEM
	                   : write_line(link, message_request(call->id, request->method, text_string(&params)));
	text_finish(&params);
	if (rc < 0)
		calls_remove(call);
	return rc < 0 ? rc : 0;
}

int link_call(struct link *link, const struct link_request *request)
{
	return link->state == LINK_UP ? send_call(link, request) : -ENOTCONN;
}

/* A daemon may say anything. */
static int64_t lease_ms(const struct hello_answer *hello)
{
	return hello->lease_s > 0 && hello->lease_s < LONGEST_LEASE_S ? (int64_t)(hello->lease_s * 1000) : 0;
}

static void on_hello(void *context, const struct call_reply *reply)
{
	struct link *link = context;
	if (link->state != LINK_GREETING)
		return;
	const struct hello_answer *hello = reply->answer;
	if (!hello) {
		lose(link, reply->error_code == WIRE_TOKEN ? -EKEYEXPIRED : -EPROTO,
		        reply->error_text ? reply->error_text : "the daemon's answer to hello says nothing");
		return;
	}
	move(link, LINK_UP);
	uv_timer_stop(&link->timer);
	link->failure_count = 0;
	link->silence_ms = stream_patience_ms(lease_ms(hello));
	stream_set_patience(link->stream, link->silence_ms);
	snprintf(link->session, sizeof link->session, "%s", hello->session);
	if (link->events.up)
		link->events.up(link->events.context, hello);
}

static bool is_remote(const struct link *link)
{
	return *link->address.path == '\0';
}

/* The token leaves only after the daemon's key was found to be the right one. */
static int say_hello(struct link *link)
{
	const struct hello_request hello = {
	        .protocol = PROTOCOL_VERSION,
	        .oldest = PROTOCOL_OLDEST,
	        .role = link->role,
	        .name = link->name,
	        .session = *link->session ? link->session : NULL,
	        .software = "kre-search " KRE_VERSION,
	        .machine = link->machine.threads > 0 ? &link->machine : NULL,
	        .token = is_remote(link) ? link->address.token_text : NULL,
	};
	return send_call(link, &(struct link_request){METHOD_HELLO, &hello, 0, on_hello, link});
}

/* ---- the stream ---- */

static void tell_event(struct link *link, const cJSON *params)
{
	struct arena arena = ARENA_NULL;
	struct shape_reader reader = {.arena = &arena};
	struct study_event event;
	if (link->events.event && shape_read(&event, &study_event_shape, params, &reader) == 0)
		link->events.event(link->events.context, &event);
	arena_finish(&arena);
}

static void deliver(struct link *link, const cJSON *message)
{
	if (cJSON_GetObjectItemCaseSensitive(message, "method")) {
		tell_event(link, cJSON_GetObjectItemCaseSensitive(message, "params"));
	} else if (!calls_answer(&link->calls, message)) {
		const char *complaint = calls_complaint(message);
		lose(link, -EPROTO, complaint ? complaint : "the daemon answered a question nobody asked");
	}
}

static void on_line(void *context, char *line, size_t length)
{
	struct link *link = context;
	struct error error;
	static const char *const texts[] = {"params", "spec", NULL}; /* which nobody here looks into */
	cJSON *message = json_parse_some(line, length, texts, &error);
	if (message)
		deliver(link, message);
	else
		lose(link, -EPROTO, error.text);
	cJSON_Delete(message);
}

static void on_ended(void *context, int why)
{
	if (why == 0)
		lose(context, -ECONNRESET, "the daemon closed the connection");
	else if (why == -EMSGSIZE)
		lose(context, -EPROTO, "the daemon sent a line over the limit");
	else
		lose(context, why, uv_strerror(why));
}

/* Whoever listens there names programs and files to this one. */
static bool is_trusted(const struct link *link)
{
	const struct identity *other = stream_identity(link->stream);
	if (is_remote(link)) /* its key has proved it */
		return true;
	return other->kind == IDENTITY_USER && other->uid == geteuid();
}

static void on_opened(void *context)
{
	struct link *link = context;
	if (!is_trusted(link)) {
		lose(link, -EPERM, "it is run by another user, who is not believed");
		return;
	}
	move(link, LINK_GREETING);
	uv_timer_start(&link->timer, on_no_hello, GREETING_MS, 0);
	int rc = say_hello(link);
	if (rc < 0)
		lose(link, rc, uv_strerror(rc));
}

static struct stream_events events_of(struct link *link)
{
	return (struct stream_events){
	        .opened = on_opened, .line = on_line, .heard = on_heard, .ended = on_ended, .context = link};
}

static void on_dialed(void *context, struct stream *stream)
{
	struct link *link = context;
	const struct stream_events events = events_of(link);
	dial_destroy(link->dial);
	link->dial = NULL;
	link->stream = stream;
	stream_set_events(stream, &events);
	on_opened(link);
}

static void on_nobody(void *context, int why, const char *reason)
{
	lose(context, why, reason);
}

static int connect_now(struct link *link)
{
	const struct stream_events events = events_of(link);
	const struct dial_events dialing = {on_dialed, on_nobody, link};
	int rc = is_remote(link) ? dial_start(&link->dial, link->loop, &link->address, &dialing)
	                         : stream_open(&link->stream, link->loop, &stream_pipe, &link->address, &events);
	if (rc == 0)
		move(link, LINK_CONNECTING);
	return rc;
}

/* ---- life ---- */

bool link_is_up(const struct link *link)
{
	return link && link->state == LINK_UP;
}

pid_t link_process(const struct link *link)
{
	return link_is_up(link) && !is_remote(link) ? stream_identity(link->stream)->pid : 0;
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct link *link = handle->data;
	memory_free(link->name);
	memory_free(link);
}

void link_destroy(struct link *link)
{
	if (!link)
		return;
	assert(link->state != LINK_CLOSED);
	move(link, LINK_CLOSED);
	link->events = (struct link_events){0};
	calls_lose(&link->calls, false);
	leave_stream(link);
	uv_close((uv_handle_t *)&link->timer, on_timer_closed);
}

static int init(struct link *link, uv_loop_t *loop, const struct link_options *options, struct error *error)
{
	link->loop = loop;
	link->role = options->role;
	link->machine = options->machine;
	link->comes_back = options->comes_back;
	calls_init(&link->calls);
	rng_init(&link->rng, uv_hrtime(), (uint64_t)getpid());
	int rc = address_read(&link->address, options->address, error);
	if (rc < 0)
		return rc;
	link->name = memory_strdup(options->name ? options->name : "");
	if (!link->name)
		return error_no_memory(error);
	snprintf(link->session, sizeof link->session, "%s", options->session ? options->session : "");
	rc = uv_timer_init(loop, &link->timer);
	link->timer.data = link;
	return rc < 0 ? error_set(error, rc, "cannot make a timer: %s", uv_strerror(rc)) : 0;
}

int link_create(struct link **out, uv_loop_t *loop, const struct link_options *options,
        const struct link_events *events, struct error *error)
{
	struct link *link = memory_alloc(1, sizeof *link);
	if (!link)
		return error_no_memory(error);
	int rc = init(link, loop, options, error);
	if (rc < 0) {
		memory_free(link->name);
		memory_free(link);
		return rc;
	}
	link->events = *events;
	rc = connect_now(link);
	if (rc < 0) {
		char place[ADDRESS_PLACE_BYTES];
		link_destroy(link);
		address_place(place, options->address);
		return error_set(error, rc, "cannot connect to %s: %s", place, uv_strerror(rc));
	}
	*out = link;
	return 0;
}
