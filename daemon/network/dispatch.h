/* From a line to a reply: parse, check the role, find the handler in one table, turn its outcome into JSON-RPC. */
#ifndef DAEMON_NETWORK_DISPATCH_H
#define DAEMON_NETWORK_DISPATCH_H

#include "daemon/network/request.h"

/* Parses a line into a message. The reply to give at once in *refusal when it is no request (bad JSON, wrong shape; memory_free),
 * with *fatal when the connection should end. NULL then, or when out of memory. Free with cJSON_Delete. */
cJSON *dispatch_parse(const char *line, size_t length, char **refusal, bool *fatal);

/* True when a message's method changes studies, so that its turn needs a transaction. */
bool dispatch_writes(const cJSON *message);

/* Runs one message and returns the reply line (memory_free), or NULL when out of memory. `greeted` says whether the peer said
 * hello; a good hello sets it. Needs the turn's transaction when dispatch_writes. */
char *dispatch_run(const cJSON *message, struct peer *peer, bool *greeted, const struct surroundings *around);

/* The reply to `message` when its turn could not be committed. */
char *dispatch_not_committed(const cJSON *message, const char *why);

#endif
