#include "schema/transport/client.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "schema/base/list.h"
#include "schema/base/memory.h"
#include "schema/transport/frame.h"
#include "schema/space/json.h"
#include "schema/space/json_parse.h"

#define READ_BYTES 65536

/* A client's life:  connecting ──▶ greeting (hello sent) ──▶ ready ──▶ closing ──▶ freed
 *                       └───────────────┴── lost ─────────────────────▲ */
enum client_state { CLIENT_CONNECTING, CLIENT_GREETING, CLIENT_READY, CLIENT_CLOSING };

struct call {
	struct list_link link; /* client::calls */
	double id;
	client_reply_function *reply;
	void *context;
};

struct client {
	uv_pipe_t pipe;
	uv_connect_t connect;
	enum client_state state;
	struct client_events events;
	char *address, *name, *session;
	enum role role;
	struct frame_reader frames;
	struct list calls; /* sent, not yet answered; owned */
	double next_id;
	char buffer[READ_BYTES];
};

struct outgoing {
	uv_write_t request;
	char *line; /* owned */
};

static void free_client(uv_handle_t *handle)
{
	struct client *client = handle->data;
	frame_reader_finish(&client->frames);
	memory_free(client->address);
	memory_free(client->name);
	memory_free(client->session);
	memory_free(client);
}

static void drop_calls(struct client *client, bool tell)
{
	while (!list_empty(&client->calls)) {
		struct call *call = list_entry(client->calls.head.next, struct call, link);
		list_remove(&call->link);
		if (tell)
			call->reply(call->context, &(struct client_reply){0});
		memory_free(call);
	}
}

void client_destroy(struct client *client)
{
	if (!client)
		return;
	client->state = CLIENT_CLOSING;
	client->events = (struct client_events){0};
	drop_calls(client, false);
	if (!uv_is_closing((uv_handle_t *)&client->pipe))
		uv_close((uv_handle_t *)&client->pipe, free_client);
}

/* The last callback may destroy the client, so nothing touches it afterwards. */
static void lose(struct client *client, const char *reason)
{
	if (client->state == CLIENT_CLOSING)
		return;
	client->state = CLIENT_CLOSING;
	uv_read_stop((uv_stream_t *)&client->pipe);
	drop_calls(client, true);
	if (client->events.closed)
		client->events.closed(client->events.context, reason);
}

static void after_write(uv_write_t *request, int status)
{
	struct outgoing *outgoing = request->data;
	struct client *client = request->handle->data;
	memory_free(outgoing->line);
	memory_free(outgoing);
	if (status < 0 && status != UV_ECANCELED)
		lose(client, uv_strerror(status));
}

/* Takes `line`, also when it fails. */
static int send_line(struct client *client, char *line)
{
	struct outgoing *outgoing = line ? memory_alloc(1, sizeof *outgoing) : NULL;
	if (!outgoing) {
		memory_free(line);
		return -ENOMEM;
	}
	outgoing->line = line;
	outgoing->request.data = outgoing;
	uv_buf_t bytes = uv_buf_init(line, (unsigned)strlen(line));
	int rc = uv_write(&outgoing->request, (uv_stream_t *)&client->pipe, &bytes, 1, after_write);
	if (rc < 0) {
		memory_free(line);
		memory_free(outgoing);
	}
	return rc;
}

static int call_now(struct client *client, const char *method, const cJSON *params, const struct call *wanted)
{
	struct call *call = memory_alloc(1, sizeof *call);
	if (!call)
		return -ENOMEM;
	*call = *wanted;
	int rc = send_line(client, message_request(call->id, method, params));
	if (rc < 0) {
		memory_free(call);
		return rc;
	}
	list_append(&client->calls, &call->link);
	return 0;
}

int client_call(struct client *client, const struct client_request *request)
{
	int rc = -ENOTCONN;
	if (client->state == CLIENT_READY) {
		struct call call = {.id = request->id != 0 ? request->id : client->next_id++,
		        .reply = request->reply,
		        .context = request->context};
		rc = call_now(client, request->method, request->params, &call);
	}
	cJSON_Delete(request->params);
	return rc;
}

static void on_hello(void *context, const struct client_reply *reply)
{
	struct client *client = context;
	if (client->state == CLIENT_CLOSING)
		return;
	if (!reply->result) {
		lose(client, reply->error_text ? reply->error_text : "the daemon closed the connection");
		return;
	}
	client->state = CLIENT_READY;
	if (client->events.ready)
		client->events.ready(client->events.context, reply->result);
}

static const char *const role_names[] = {[ROLE_WORKER] = "worker", [ROLE_VIEWER] = "viewer", [ROLE_ADMIN] = "admin"};

static int say_hello(struct client *client)
{
	cJSON *params = cJSON_CreateObject();
	bool complete = params && cJSON_AddNumberToObject(params, "protocol", PROTOCOL_VERSION) &&
	                cJSON_AddStringToObject(params, "role", role_names[client->role]) &&
	                cJSON_AddStringToObject(params, "name", client->name) &&
	                cJSON_AddStringToObject(params, "software", "kre-search " KRE_VERSION) &&
	                (!client->session || cJSON_AddStringToObject(params, "session", client->session));
	struct call call = {.id = client->next_id++, .reply = on_hello, .context = client};
	int rc = complete ? call_now(client, "hello", params, &call) : -ENOMEM;
	cJSON_Delete(params);
	return rc;
}

static struct call *find_call(struct client *client, double id)
{
	struct list_link *at, *following;
	list_each (at, following, &client->calls)
		if (list_entry(at, struct call, link)->id == id)
			return list_entry(at, struct call, link);
	return NULL;
}

static struct client_reply read_reply(const cJSON *message)
{
	const cJSON *error = cJSON_GetObjectItemCaseSensitive(message, "error");
	struct client_reply reply = {.result = cJSON_GetObjectItemCaseSensitive(message, "result")};
	if (error) {
		reply.result = NULL;
		reply.error_code = (int)json_double(error, "code", WIRE_INTERNAL);
		reply.error_text = json_string(error, "message", "");
		reply.error_data = cJSON_GetObjectItemCaseSensitive(error, "data");
	}
	return reply;
}

static void deliver(struct client *client, const cJSON *message)
{
	const cJSON *id = cJSON_GetObjectItemCaseSensitive(message, "id");
	if (cJSON_GetObjectItemCaseSensitive(message, "method")) {
		if (client->events.event)
			client->events.event(
			        client->events.context, cJSON_GetObjectItemCaseSensitive(message, "params"));
		return;
	}
	struct client_reply reply = read_reply(message);
	struct call *call = cJSON_IsNumber(id) ? find_call(client, id->valuedouble) : NULL;
	if (!call) {
		lose(client, reply.error_text ? reply.error_text : "the daemon answered a question nobody asked");
		return;
	}
	list_remove(&call->link);
	struct call answered = *call;
	memory_free(call);
	answered.reply(answered.context, &reply);
}

static void take_lines(struct client *client)
{
	size_t length;
	char *line;
	while (client->state != CLIENT_CLOSING && (line = frame_reader_next(&client->frames, &length))) {
		struct error error;
		cJSON *message = json_parse(line, length, &error);
		if (message)
			deliver(client, message);
		else
			lose(client, error.text);
		cJSON_Delete(message);
	}
}

static void give_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	(void)suggested;
	struct client *client = handle->data;
	*buffer = uv_buf_init(client->buffer, READ_BYTES);
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
	struct client *client = stream->data;
	if (count < 0) {
		lose(client, count == UV_EOF ? "the daemon closed the connection" : uv_strerror((int)count));
		return;
	}
	int rc = frame_reader_push(&client->frames, buffer->base, (size_t)count);
	if (rc < 0)
		lose(client, rc == -ENOMEM ? "out of memory" : "the daemon sent a line over the limit");
	else
		take_lines(client);
}

static void on_connect(uv_connect_t *request, int status)
{
	struct client *client = request->data;
	if (client->state == CLIENT_CLOSING)
		return;
	if (status == 0)
		status = uv_read_start((uv_stream_t *)&client->pipe, give_buffer, on_read);
	client->state = CLIENT_GREETING;
	if (status == 0)
		status = say_hello(client);
	if (status < 0)
		lose(client, uv_strerror(status));
}

static int check_address(const char *address, struct error *error)
{
	if (strncmp(address, "kre://", 6) == 0)
		return error_set(error, -EINVAL,
		        "%s: joining over TCP needs TLS, which this version does not have; "
		        "give the path of the daemon's socket",
		        address);
	struct sockaddr_un {
		char path[108];
	} room;
	if (strlen(address) >= sizeof room.path)
		return error_set(
		        error, -EINVAL, "%s: a socket's path has at most %zu bytes", address, sizeof room.path - 1);
	return 0;
}

static int copy_options(struct client *client, const struct client_options *options)
{
	client->role = options->role;
	client->address = memory_strdup(options->address);
	client->name = memory_strdup(options->name ? options->name : "");
	client->session = options->session ? memory_strdup(options->session) : NULL;
	return client->address && client->name && (client->session || !options->session) ? 0 : -ENOMEM;
}

int client_create(struct client **out, uv_loop_t *loop, const struct client_options *options,
        const struct client_events *events, struct error *error)
{
	int rc = check_address(options->address, error);
	if (rc < 0)
		return rc;
	struct client *client = memory_alloc(1, sizeof *client);
	if (!client)
		return error_no_memory(error);
	client->events = *events;
	client->next_id = 1;
	list_init(&client->calls);
	uv_pipe_init(loop, &client->pipe, 0);
	client->pipe.data = client->connect.data = client;
	rc = copy_options(client, options);
	if (rc < 0) {
		client_destroy(client);
		return error_set(error, rc, "out of memory");
	}
	uv_pipe_connect(&client->connect, &client->pipe, client->address, on_connect);
	*out = client;
	return 0;
}
