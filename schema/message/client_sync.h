/* The blocking client: the client on a loop of its own, run until the answer is there or the time is up. */
#ifndef SCHEMA_MESSAGE_CLIENT_SYNC_H
#define SCHEMA_MESSAGE_CLIENT_SYNC_H

#include "schema/message/client.h"

/* Connects and says hello, or explains why not within `timeout_ms`: -ECONNREFUSED/-ENOENT (no daemon there), -ETIMEDOUT, -EACCES … */
int client_sync_create(
        struct client_sync **out, const struct client_options *options, int64_t timeout_ms, struct error *error);
void client_sync_destroy(struct client_sync *sync);

/* One call; *result is the caller's (cJSON_Delete). 0; CLIENT_REFUSED when the daemon answered with an error (*code, sentence in
 * error; *data the caller's or NULL when data is not NULL); -ETIMEDOUT (the connection is given up), -ECONNRESET. Params are
 * consumed. */
#define CLIENT_REFUSED 1
int client_sync_call(struct client_sync *sync, const char *method, cJSON *params, cJSON **result, int *code,
        cJSON **data, struct error *error);

/* The hello's result; borrowed. */
const cJSON *client_sync_hello(const struct client_sync *sync);

#endif
