/* The blocking client: the client on a loop of its own, run until the answer is there or the time is up. */
#ifndef SCHEMA_TRANSPORT_CLIENT_SYNC_H
#define SCHEMA_TRANSPORT_CLIENT_SYNC_H

#include "schema/transport/client.h"

/* Connects and says hello, or explains why not within `timeout_ms`: -ECONNREFUSED/-ENOENT (no daemon there), -ETIMEDOUT, -EACCES … */
int client_sync_create(
        struct client_sync **out, const struct client_options *options, int64_t timeout_ms, struct error *error);
void client_sync_destroy(struct client_sync *sync);

#define CLIENT_REFUSED 1

/* What came of a call. */
struct client_answer {
	cJSON *result; /* the caller's (cJSON_Delete) */
	int code;      /* of a refusal (enum wire_error), else 0 */
};

/* One call (params consumed). 0 with the result; CLIENT_REFUSED with the code and the daemon's sentence; -ETIMEDOUT (the connection is
 * given up), -ECONNRESET, -ENOMEM. */
int client_sync_call(
        struct client_sync *sync, const char *method, cJSON *params, struct client_answer *answer, struct error *error);

/* The hello's result; borrowed. */
const cJSON *client_sync_hello(const struct client_sync *sync);

#endif
