#include "daemon/network/network.h"

#include <errno.h>
#include <string.h>

#include "daemon/access/admission.h"
#include "daemon/access/listening.h"
#include "daemon/network/crowd.h"
#include "daemon/network/door.h"
#include "daemon/network/turn.h"
#include "schema/api/event.h"
#include "schema/api/shape_write.h"
#include "schema/base/log.h"
#include "schema/base/memory.h"
#include "schema/transport/pipe.h"

#define FIRST_RETRY_MS 2 /* another program's commit takes no longer, as a rule … */
#define RETRY_MS 20      /* … and is waited for in doubled steps up to this */
#define HEARING_MS 1000

struct daemon_network {
	uv_loop_t *loop;
	struct listener *listener; /* NULL before it listens */
	struct door door;          /* to the network; closed unless it was opened */
	uv_check_t check;          /* after each poll: the turn */
	uv_idle_t idle;            /* while something waits for the next turn: the loop does not */
	uv_timer_t retry_timer;    /* wakes the loop when the trial file was busy … */
	uint64_t retry_ms;         /* … after this time; 0 = it was not */
	uv_handle_t *handles[3];   /* those of the above three that were made */
	size_t open_handles;
	struct list peers;
	struct crowd crowd; /* those of them that came over the network … */
	bool newcomer;      /* … and whether one did in this turn of the loop */
	struct turn turn;
	struct daemon_network_options options;
	bool hearing; /* `heard` is to be called … */
	uint64_t hearing_since_ms;
	bool closing;
	void (*done)(void *context);
	void *done_context;
};

/* ---- peers ---- */

static void finish_if_closed(struct daemon_network *network)
{
	if (!network->closing || network->open_handles > 0 || !list_empty(&network->peers))
		return;
	void (*done)(void *) = network->done;
	void *context = network->done_context;
	door_finish(&network->door); /* its keys were those of the last stream */
	memory_free(network);
	done(context);
}

static void forget(struct daemon_network *network, struct peer *peer)
{
	turn_leave(&network->turn, peer);
	const bool was_full = crowd_leave(&network->crowd, peer);
	list_remove(&peer->link);
	peer_destroy(peer);
	if (was_full && !network->closing) /* one who waits at the door may have its place */
		listener_call_again(network->door.listener);
}

/* A peer whose requests wait for the turn stays until they are answered. */
static void on_closed(void *context, struct peer *peer)
{
	struct daemon_network *network = context;
	if (peer->turn_requests > 0)
		return;
	forget(network, peer);
	finish_if_closed(network);
}

static void sweep_peers(struct daemon_network *network)
{
	struct list_link *at, *following;
	list_each (at, following, &network->peers) {
		struct peer *peer = list_entry(at, struct peer, link);
		if (!peer->gone || peer->turn_requests > 0)
			continue;
		forget(network, peer);
	}
}

static int64_t count_workers(const void *context)
{
	const struct daemon_network *network = context;
	struct list_link *at, *following;
	int64_t count = 0;
	list_each (at, following, &network->peers) {
		const struct peer *peer = list_entry(at, struct peer, link);
		count += peer->state == PEER_READY && peer->caller.role == ROLE_WORKER;
	}
	return count;
}

static bool came_by(const struct peer *peer, int64_t token)
{
	return token != 0 && peer->caller.holder == token && peer->state <= PEER_READY;
}

static int64_t count_sessions(const void *context, int64_t token)
{
	const struct daemon_network *network = context;
	struct list_link *at, *following;
	int64_t count = 0;
	list_each (at, following, &network->peers)
		count += came_by(list_entry(at, struct peer, link), token);
	return count;
}

/* What they asked and was not run is refused. */
static void end_sessions(void *context, int64_t token)
{
	struct daemon_network *network = context;
	struct list_link *at, *following;
	list_each (at, following, &network->peers) {
		struct peer *peer = list_entry(at, struct peer, link);
		if (!came_by(peer, token))
			continue;
		peer->caller.revoked = true;
		peer_drain(peer);
	}
}

/* Watchers ask nothing that could be refused. */
static void end_expired(struct daemon_network *network)
{
	struct list_link *at, *following;
	list_each (at, following, &network->peers) {
		struct peer *peer = list_entry(at, struct peer, link);
		if (peer->state == PEER_READY &&
		        admission_is_over(network->options.around.access, peer->caller.expires))
			peer_drain(peer);
	}
}

static void on_line(void *context, struct peer *peer, char *line, size_t length)
{
	struct daemon_network *network = context;
	char *refusal = NULL;
	bool fatal = false;
	cJSON *message = dispatch_parse(line, length, &refusal, &fatal);
	int rc = message ? turn_add(&network->turn, peer, message, length) : turn_refuse(&network->turn, peer, refusal);
	if (rc < 0 || fatal)
		peer_drain(peer);
}

static void on_caught_up(void *context, struct peer *peer)
{
	struct daemon_network *network = context;
	if (!network->closing)
		turn_caught_up(&network->turn, peer);
}

/* They come in one by one, as quickly as their handshakes are done: who comes to the door while
 * another's waits, or the house is full, waits before it, in the kernel. Inside, the many who come
 * back when a daemon is started again would push out each other. */
static int check_room(struct daemon_network *network)
{
	if (network->newcomer || handshakes_waiting(&network->door.handshakes))
		return -EAGAIN;
	return crowd_check_room(&network->crowd, &network->peers, uv_now(network->loop));
}

static int let_in(void *context, struct listener *listener)
{
	struct daemon_network *network = context;
	struct peer *peer = NULL;
	struct peer_events events = {on_line, on_caught_up, on_closed, network};
	int rc = listener == network->door.listener ? check_room(network) : 0;
	if (rc < 0)
		return rc;
	rc = turn_make_room(&network->turn);
	if (rc == 0)
		rc = peer_accept(&peer, network->loop, listener, &events);
	if (rc != 0) {
		log_warning("a connection was refused: %s", uv_strerror(rc));
		return rc;
	}
	network->newcomer = network->newcomer || !peer->caller.local;
	list_append(&network->peers, &peer->link);
	turn_enter(&network->turn, peer);
	crowd_enter(&network->crowd, &network->peers, peer, uv_now(network->loop));
	return 0;
}

/* ---- the turn ---- */

static void on_idle(uv_idle_t *idle)
{
	(void)idle; /* the check that follows does the work */
}

static void set_idle(struct daemon_network *network)
{
	const bool hears = network->hearing && list_empty(&network->turn.aside);
	if (turn_waiting(&network->turn) || hears || handshakes_waiting(&network->door.handshakes))
		uv_idle_start(&network->idle, on_idle);
	else
		uv_idle_stop(&network->idle);
}

/* Timers run before the loop sleeps: without the idle handle nothing wakes it for the check. */
static void on_retry(uv_timer_t *timer)
{
	struct daemon_network *network = timer->data;
	turn_retry(&network->turn);
	set_idle(network);
}

static void retry_later(struct daemon_network *network)
{
	const uint64_t next_ms = network->retry_ms ? 2 * network->retry_ms : FIRST_RETRY_MS;
	network->retry_ms = next_ms < RETRY_MS ? next_ms : RETRY_MS;
	uv_timer_start(&network->retry_timer, on_retry, network->retry_ms, 0);
}

static void run_turn(struct daemon_network *network)
{
	if (turn_run(&network->turn) == STUDIES_BUSY)
		retry_later(network);
	else
		network->retry_ms = 0;
	sweep_peers(network);
	if (network->options.after_turn)
		network->options.after_turn(network->options.context);
}

/* What waits for the trial file's lock has been read and not heard: it is done before anything else
 * that needs the lock. */
static bool has_heard_all(const struct daemon_network *network, bool quiet)
{
	const uint64_t waited_ms = uv_now(network->loop) - network->hearing_since_ms;
	return (quiet || waited_ms > HEARING_MS) && list_empty(&network->turn.aside);
}

/* Sockets were looked at, and nothing was found that can be done: all is heard. */
static void on_check(uv_check_t *check)
{
	struct daemon_network *network = check->data;
	handshakes_step(&network->door.handshakes);
	network->newcomer = false;
	if (!handshakes_waiting(&network->door.handshakes))
		listener_call_again(network->door.listener);
	const bool quiet = !turn_waiting(&network->turn);
	if (!quiet)
		run_turn(network);
	if (!network->closing && network->hearing && has_heard_all(network, quiet)) {
		network->hearing = false;
		end_expired(network);
		network->options.heard(network->options.context);
	}
	if (!network->closing)
		set_idle(network);
}

void network_call_when_heard(struct daemon_network *network)
{
	if (!network->hearing)
		network->hearing_since_ms = uv_now(network->loop);
	network->hearing = true;
	set_idle(network);
}

void network_resume(struct daemon_network *network)
{
	turn_wake(&network->turn);
	if (!network->closing)
		set_idle(network);
}

/* ---- watching ---- */

static bool wants(const struct peer *peer, const struct study_event *event)
{
	const struct caller *caller = &peer->caller;
	return peer->state == PEER_READY && caller->watching &&
	       (!caller->watched || strcmp(caller->watched, event->study) == 0);
}

/* Whoever was let in for a study that is gone, or is called otherwise, has to come anew: the next
 * one of its name is none of theirs. Until they are gone their limit is what no study is called. */
static void end_limited(struct daemon_network *network, const char *study)
{
	struct list_link *at, *following;
	list_each (at, following, &network->peers) {
		struct peer *peer = list_entry(at, struct peer, link);
		if (!peer->caller.limit || strcmp(peer->caller.limit, study) != 0)
			continue;
		*peer->caller.limit = '\0';
		peer_drain(peer);
	}
}

void network_broadcast(struct daemon_network *network, const struct study_event *event)
{
	struct text params = TEXT_NULL;
	struct list_link *at, *following;
	list_each (at, following, &network->peers) {
		struct peer *peer = list_entry(at, struct peer, link);
		if (!wants(peer, event))
			continue;
		if (params.length == 0)
			shape_write(&params, &study_event_shape, event);
		peer_send(peer, params.failed ? NULL : message_notification("event", text_string(&params)));
	}
	text_finish(&params);
	if (event->kind == EVENT_DELETED)
		end_limited(network, event->study);
}

/* ---- the door to the network ---- */

static int open_door(void *context, struct network_door *where, struct error *error)
{
	struct daemon_network *network = context;
	const struct listener_options options = {.arrived = let_in, .context = network};
	int rc = door_open(&network->door, where, network->loop, &options, error);
	network->options.around.pin = tls_keys_pin(&network->door.keys);
	return rc;
}

static void close_door(void *context)
{
	struct daemon_network *network = context;
	door_close(&network->door);
}

static bool door_is_open(const void *context)
{
	const struct daemon_network *network = context;
	return network->door.listener != NULL;
}

static int make_key(void *context, struct error *error)
{
	struct daemon_network *network = context;
	int rc = tls_keys_make(&network->door.keys, error);
	network->options.around.pin = tls_keys_pin(&network->door.keys);
	return rc;
}

static int init_door(struct daemon_network *network, struct error *error)
{
	struct surroundings *around = &network->options.around;
	if (!network->options.keys_folder) {
		handshakes_init(&network->door.handshakes); /* of nobody */
		return 0;
	}
	int rc = door_init(&network->door, network->options.keys_folder, error);
	if (rc < 0)
		return rc;
	around->open_door = open_door;
	around->close_door = close_door;
	around->door_is_open = door_is_open;
	around->make_key = make_key;
	around->pin = tls_keys_pin(&network->door.keys);
	return 0;
}

int network_open_again(struct daemon_network *network, struct error *error)
{
	struct arena arena = ARENA_NULL;
	struct listening listening;
	int rc = listening_load(&listening, network->options.around.access, &arena, error);
	if (rc == 0) {
		struct network_door where = {listening.address, listening.port};
		rc = open_door(network, &where, error);
	}
	arena_finish(&arena);
	return rc == LISTENING_NOWHERE ? 0 : rc;
}

/* ---- life ---- */

/* A socket left by a killed daemon is in the way; the home's lock, held by our caller, proves that
 * nobody serves it. */
static int listen_at(struct daemon_network *network, const char *path, struct error *error)
{
	struct address address;
	struct listener_options options = {&stream_pipe, &address, let_in, network};
	int rc = address_read(&address, path, error);
	return rc == 0 ? listener_create(&network->listener, network->loop, &options, error) : rc;
}

/* What was made is closed by network_destroy. */
static int keep(struct daemon_network *network, int rc, void *handle)
{
	if (rc < 0)
		return rc;
	network->handles[network->open_handles] = handle;
	network->handles[network->open_handles++]->data = network;
	return 0;
}

static int init_handles(struct daemon_network *network, struct error *error)
{
	int rc = keep(network, uv_check_init(network->loop, &network->check), &network->check);
	if (rc == 0)
		rc = keep(network, uv_timer_init(network->loop, &network->retry_timer), &network->retry_timer);
	if (rc == 0)
		rc = keep(network, uv_idle_init(network->loop, &network->idle), &network->idle);
	if (rc == 0)
		rc = uv_check_start(&network->check, on_check);
	return rc < 0 ? error_set(error, rc, "cannot prepare to listen: %s", uv_strerror(rc)) : 0;
}

static void ignore(void *context)
{
	(void)context;
}

int network_create(
        struct daemon_network **out, uv_loop_t *loop, const struct daemon_network_options *options, struct error *error)
{
	struct daemon_network *network = memory_alloc(1, sizeof *network);
	if (!network)
		return error_no_memory(error);
	network->loop = loop;
	network->options = *options;
	list_init(&network->peers);
	crowd_init(&network->crowd, options->peers_most);
	network->options.around.count_workers = count_workers;
	network->options.around.count_sessions = count_sessions;
	network->options.around.end_sessions = end_sessions;
	network->options.around.network = network;
	network->options.around.figures = &network->turn.figures;
	turn_init(&network->turn, &network->options.around);
	int rc = init_handles(network, error);
	if (rc == 0)
		rc = init_door(network, error);
	if (rc == 0)
		rc = listen_at(network, options->socket_path, error);
	if (rc < 0) {
		network_destroy(network, ignore, NULL);
		uv_run(loop, UV_RUN_NOWAIT);
		return rc;
	}
	*out = network;
	return 0;
}

static void on_handle_closed(uv_handle_t *handle)
{
	struct daemon_network *network = handle->data;
	network->open_handles--;
	finish_if_closed(network);
}

void network_destroy(struct daemon_network *network, void (*done)(void *context), void *context)
{
	if (!network || network->closing)
		return;
	network->closing = true;
	turn_finish(&network->turn); /* unanswered is unacknowledged: their senders will ask again */
	sweep_peers(network);
	network->done = done;
	network->done_context = context;
	struct list_link *at, *following;
	list_each (at, following, &network->peers)
		peer_drain(list_entry(at, struct peer, link));
	listener_destroy(network->listener);
	door_close(&network->door);
	for (size_t i = 0, made = network->open_handles; i < made; i++)
		uv_close(network->handles[i], on_handle_closed);
	finish_if_closed(network);
}
