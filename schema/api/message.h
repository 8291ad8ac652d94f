/* The wire's vocabulary (PROTOCOL.md): methods, roles, error codes, and the three shapes of a JSON-RPC message. */
#ifndef SCHEMA_API_MESSAGE_H
#define SCHEMA_API_MESSAGE_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "schema/base/error.h"

#define PROTOCOL_VERSION 1

enum role { ROLE_WORKER = 1, ROLE_VIEWER = 2, ROLE_ADMIN = 4 };

/* name, constant, roles that may call it (admin may call all) */
#define MESSAGE_METHODS(X)                                                                                             \
	X("hello", HELLO, ROLE_WORKER | ROLE_VIEWER)                                                                   \
	X("study.create", STUDY_CREATE, 0)                                                                             \
	X("study.list", STUDY_LIST, ROLE_WORKER | ROLE_VIEWER)                                                         \
	X("study.get", STUDY_GET, ROLE_WORKER | ROLE_VIEWER)                                                           \
	X("study.importance", STUDY_IMPORTANCE, ROLE_VIEWER)                                                           \
	X("study.pause", STUDY_PAUSE, 0)                                                                               \
	X("study.resume", STUDY_RESUME, 0)                                                                             \
	X("study.stop", STUDY_STOP, 0)                                                                                 \
	X("study.delete", STUDY_DELETE, 0)                                                                             \
	X("trial.ask", TRIAL_ASK, ROLE_WORKER)                                                                         \
	X("trial.report", TRIAL_REPORT, ROLE_WORKER)                                                                   \
	X("trial.tell", TRIAL_TELL, ROLE_WORKER)                                                                       \
	X("lease.renew", LEASE_RENEW, ROLE_WORKER)                                                                     \
	X("trial.enqueue", TRIAL_ENQUEUE, 0)                                                                           \
	X("trial.list", TRIAL_LIST, ROLE_VIEWER)                                                                       \
	X("trial.get", TRIAL_GET, ROLE_VIEWER)                                                                         \
	X("watch", WATCH, ROLE_VIEWER)                                                                                 \
	X("file.export", FILE_EXPORT, 0)                                                                               \
	X("daemon.stop", DAEMON_STOP, 0)

enum method_id {
#define X(name, constant, roles) METHOD_##constant,
	MESSAGE_METHODS(X)
#undef X
	        METHOD_COUNT
};

/* The JSON-RPC codes and ours (PROTOCOL.md, Errors). */
enum wire_error {
	WIRE_PARSE = -32700,
	WIRE_INVALID_REQUEST = -32600,
	WIRE_NO_METHOD = -32601,
	WIRE_INVALID_PARAMS = -32602,
	WIRE_INTERNAL = -32603,
	WIRE_HELLO_FIRST = -32001,
	WIRE_ROLE = -32002,
	WIRE_NOT_FOUND = -32003,
	WIRE_EXISTS = -32004,
	WIRE_SPEC_WRONG = -32005,
	WIRE_LEASE_LOST = -32010,
	WIRE_NOT_A_NUMBER = -32011,
	WIRE_NOT_RUNNING = -32012,
	WIRE_TOO_LARGE = -32020,
};

/* The method of that name, or -1; and back. */
int method_find(const char *name);
const char *method_name(enum method_id method);

/* True when a connection with `role` may call it. */
bool method_allows(enum method_id method, enum role role);

/* Each returns one line ending in \n on the heap (memory_free), or NULL when out of memory. `params`, `result`, `data` and `id`
 * are borrowed and may be NULL (then {} / null / absent / null). Numbers round-trip. */
char *message_request(double id, const char *method, const cJSON *params);
char *message_notification(const char *method, const cJSON *params);
char *message_result(const cJSON *id, const cJSON *result);
char *message_error(const cJSON *id, int code, const char *text, const cJSON *data);

#endif
