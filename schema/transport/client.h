/* A connection to the daemon as its clients see it: connect, hello, call. Two ways to use it: on somebody's libuv loop (agent,
 * live view), or blocking, one call after another (commands). */
#ifndef SCHEMA_TRANSPORT_CLIENT_H
#define SCHEMA_TRANSPORT_CLIENT_H

#include <cjson/cJSON.h>
#include <uv.h>

#include "schema/base/error.h"
#include "schema/api/message.h"

struct client;

/* Where and as whom. Strings are copied. */
struct client_options {
	const char *address; /* path of a Unix socket, or kre://HOST:PORT/TOKEN */
	enum role role;
	const char *name;    /* of this worker or person: shown in `workers` */
	const char *session; /* to resume after a lost connection; NULL = a new one */
};

/* What the other side said: exactly one of result and error is set; borrowed for the call. error_code 0 with both NULL means
 * the connection was lost before an answer came. */
struct client_reply {
	const cJSON *result;
	int error_code; /* enum wire_error */
	const char *error_text;
	const cJSON *error_data;
};

typedef void client_reply_function(void *context, const struct client_reply *reply);

struct client_events {
	void (*ready)(void *context, const cJSON *hello);  /* the hello's result: session, lease_s, server_time */
	void (*event)(void *context, const cJSON *params); /* a notification from `watch` */
	void (*closed)(void *context, const char *reason); /* last call; the client may be destroyed in it */
	void *context;
};

/* ---- on a loop ---- */

/* Starts connecting on `loop`; says hello by itself; `events` are called from the loop. 0, -ENOMEM, -EINVAL for a bad address. */
int client_create(struct client **out, uv_loop_t *loop, const struct client_options *options,
        const struct client_events *events, struct error *error);

/* Closes (no further callbacks) and frees once libuv is done with it. NULL is fine. */
void client_destroy(struct client *client);

/* One request and who hears the answer. */
struct client_request {
	const char *method;
	cJSON *params; /* consumed; NULL = {} */
	double id; /* 0 = the client counts; or the caller's, to repeat a request under the same id after a reconnect */
	client_reply_function *reply;
	void *context;
};

/* Sends a request; its `reply` is called once, also when the connection is lost. 0, -ENOMEM, -ENOTCONN. */
int client_call(struct client *client, const struct client_request *request);

/* ---- blocking ---- */

struct client_sync;

#endif
