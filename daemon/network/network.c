#include "daemon/network/network.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/network/turn.h"
#include "schema/base/log.h"
#include "schema/base/memory.h"

#define BACKLOG 128
#define BUSY_RETRY_MS 20

struct daemon_network {
	uv_pipe_t listener;
	uv_check_t check;      /* after each poll: the turn */
	uv_timer_t busy_timer; /* wakes the loop when the trial file was busy */
	struct list connections;
	struct turn turn;
	struct daemon_network_options options;
	char *socket_path; /* owned */
	bool closing;
	int open_handles;
	void (*done)(void *context);
	void *done_context;
};

/* ---- connections ---- */

static void finish_if_closed(struct daemon_network *network)
{
	if (!network->closing || network->open_handles > 0 || !list_empty(&network->connections))
		return;
	void (*done)(void *) = network->done;
	void *context = network->done_context;
	memory_free(network->socket_path);
	memory_free(network);
	done(context);
}

/* A connection whose requests wait for the turn stays until they are answered. */
static void on_closed(void *context, struct connection *connection)
{
	struct daemon_network *network = context;
	if (connection->turn_requests > 0)
		return;
	list_remove(&connection->link);
	connection_destroy(connection);
	finish_if_closed(network);
}

static void sweep_connections(struct daemon_network *network)
{
	struct list_link *at, *following;
	list_each (at, following, &network->connections) {
		struct connection *connection = list_entry(at, struct connection, link);
		if (connection->open_handles > 0 || connection->turn_requests > 0)
			continue;
		list_remove(&connection->link);
		connection_destroy(connection);
	}
	finish_if_closed(network);
}

static void on_line(void *context, struct connection *connection, char *line, size_t length)
{
	struct daemon_network *network = context;
	char *refusal = NULL;
	bool fatal = false;
	cJSON *message = dispatch_parse(line, length, &refusal, &fatal);
	int rc = message ? turn_add(&network->turn, connection, message)
	                 : turn_refuse(&network->turn, connection, refusal);
	if (rc < 0 || fatal)
		connection_drain(connection);
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct daemon_network *network = listener->data;
	struct connection *connection = NULL;
	struct connection_events events = {on_line, on_closed, network};
	if (status == 0)
		status = connection_accept(&connection, listener, &events);
	if (connection)
		list_append(&network->connections, &connection->link);
	if (status < 0)
		log_warning("a connection was refused: %s", uv_strerror(status));
}

/* ---- the turn ---- */

static void on_busy_over(uv_timer_t *timer)
{
	(void)timer; /* the check that follows does the work */
}

static void on_check(uv_check_t *check)
{
	struct daemon_network *network = check->data;
	if (!turn_waiting(&network->turn))
		return;
	if (turn_run(&network->turn) == STUDIES_BUSY)
		uv_timer_start(&network->busy_timer, on_busy_over, BUSY_RETRY_MS, 0);
	sweep_connections(network);
	if (network->options.after_turn)
		network->options.after_turn(network->options.context);
}

void network_resume(struct daemon_network *network)
{
	turn_wake(&network->turn);
}

/* ---- watching ---- */

static cJSON *describe(const struct study_event *event)
{
	cJSON *params = cJSON_CreateObject();
	bool complete = params && cJSON_AddStringToObject(params, "study", event->study) &&
	                cJSON_AddStringToObject(params, "kind", event->kind) &&
	                cJSON_AddNumberToObject(params, "number", (double)event->number) &&
	                cJSON_AddNumberToObject(params, "fold", (double)event->fold) &&
	                cJSON_AddNumberToObject(params, "step", (double)event->step) &&
	                answer_number_or_null(params, "value", event->value) &&
	                cJSON_AddStringToObject(params, "state", event->state) &&
	                cJSON_AddStringToObject(params, "worker", event->worker) &&
	                cJSON_AddStringToObject(params, "text", event->text);
	if (complete)
		return params;
	cJSON_Delete(params);
	return NULL;
}

static bool wants(const struct connection *connection, const struct study_event *event)
{
	const struct peer *peer = &connection->peer;
	return connection->state == CONNECTION_READY && peer->watching &&
	       (!peer->watched || strcmp(peer->watched, event->study) == 0);
}

void network_broadcast(struct daemon_network *network, const struct study_event *event)
{
	cJSON *params = NULL;
	struct list_link *at, *following;
	list_each (at, following, &network->connections) {
		struct connection *connection = list_entry(at, struct connection, link);
		if (!wants(connection, event))
			continue;
		if (!params)
			params = describe(event);
		connection_send(connection, params ? message_notification("event", params) : NULL);
	}
	cJSON_Delete(params);
}

/* ---- the door ---- */

/* A socket left by a killed daemon is in the way; the home's lock, held by our caller, proves that nobody serves it. */
static int bind_socket(struct daemon_network *network, struct error *error)
{
	const char *path = network->socket_path;
	if (strlen(path) >= sizeof((struct sockaddr_un *)NULL)->sun_path) /* libuv would cut it silently */
		return error_set(error, -ENAMETOOLONG, "%s: a socket's path has at most %zu bytes", path,
		        sizeof((struct sockaddr_un *)NULL)->sun_path - 1);
	unlink(path);
	mode_t before = umask(0177);
	int rc = uv_pipe_bind(&network->listener, path);
	umask(before);
	if (rc == 0)
		rc = uv_listen((uv_stream_t *)&network->listener, BACKLOG, on_connection);
	return rc < 0 ? error_set(error, rc, "cannot listen at %s: %s", path, uv_strerror(rc)) : 0;
}

static void init_handles(struct daemon_network *network, uv_loop_t *loop)
{
	uv_pipe_init(loop, &network->listener, 0);
	uv_check_init(loop, &network->check);
	uv_timer_init(loop, &network->busy_timer);
	network->listener.data = network->check.data = network->busy_timer.data = network;
	network->open_handles = 3;
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
	network->options = *options;
	list_init(&network->connections);
	turn_init(&network->turn, &network->options.around);
	init_handles(network, loop);
	network->socket_path = memory_strdup(options->socket_path);
	int rc = network->socket_path ? bind_socket(network, error) : error_no_memory(error);
	if (rc < 0) {
		network_destroy(network, ignore, NULL);
		uv_run(loop, UV_RUN_NOWAIT);
		return rc;
	}
	uv_check_start(&network->check, on_check);
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
	sweep_connections(network);
	network->done = done;
	network->done_context = context;
	struct list_link *at, *following;
	list_each (at, following, &network->connections)
		connection_drain(list_entry(at, struct connection, link));
	uv_close((uv_handle_t *)&network->listener, on_handle_closed); /* libuv removes the socket */
	uv_close((uv_handle_t *)&network->check, on_handle_closed);
	uv_close((uv_handle_t *)&network->busy_timer, on_handle_closed);
}
