/* The wire's vocabulary (PROTOCOL.md): methods, roles, error codes, and the three shapes of a
 * JSON-RPC message. */
#ifndef SCHEMA_API_MESSAGE_H
#define SCHEMA_API_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "schema/api/field.h"
#include "schema/api/hello.h"
#include "schema/base/error.h"

/* name, constant, roles that may call it (admin may call all), shapes of its parameters and its
 * result */
#define MESSAGE_METHODS(X)                                                                                             \
	X("hello", HELLO, ROLE_WORKER | ROLE_VIEWER, hello_request, hello_answer)                                      \
	X("study.create", STUDY_CREATE, 0, study_create_request, study_create_answer)                                  \
	X("study.list", STUDY_LIST, ROLE_WORKER | ROLE_VIEWER, study_list_request, study_list_answer)                  \
	X("study.get", STUDY_GET, ROLE_WORKER | ROLE_VIEWER, study_request, study_summary)                             \
	X("study.best", STUDY_BEST, ROLE_VIEWER, study_request, study_best_answer)                                     \
	X("study.importance", STUDY_IMPORTANCE, ROLE_VIEWER, importance_request, importance_answer)                    \
	X("study.pause", STUDY_PAUSE, 0, study_request, study_state_answer)                                            \
	X("study.resume", STUDY_RESUME, 0, study_request, study_state_answer)                                          \
	X("study.stop", STUDY_STOP, 0, study_request, study_state_answer)                                              \
	X("study.delete", STUDY_DELETE, 0, study_request, study_delete_answer)                                         \
	X("trial.ask", TRIAL_ASK, ROLE_WORKER, ask_request, ask_answer)                                                \
	X("trial.report", TRIAL_REPORT, ROLE_WORKER, report_request, report_answer)                                    \
	X("trial.tell", TRIAL_TELL, ROLE_WORKER, tell_request, tell_answer)                                            \
	X("lease.renew", LEASE_RENEW, ROLE_WORKER, renew_request, renew_answer)                                        \
	X("trial.enqueue", TRIAL_ENQUEUE, 0, trial_enqueue_request, trial_enqueue_answer)                              \
	X("trial.resume", TRIAL_RESUME, 0, trial_resume_request, trial_resume_answer)                                  \
	X("trial.list", TRIAL_LIST, ROLE_VIEWER, trial_list_request, trial_list_answer)                                \
	X("trial.get", TRIAL_GET, ROLE_VIEWER, trial_request, trial_detail)                                            \
	X("watch", WATCH, ROLE_VIEWER, watch_request, nothing)                                                         \
	X("file.export", FILE_EXPORT, 0, file_export, file_export)                                                     \
	X("blob.get", BLOB_GET, ROLE_WORKER | ROLE_VIEWER, blob_get_request, blob_get_answer)                          \
	X("blob.put", BLOB_PUT, ROLE_WORKER, blob_put_request, blob_put_answer)                                        \
	X("artifact.offer", ARTIFACT_OFFER, ROLE_WORKER, artifact_offer_request, artifact_offer_answer)                \
	X("checkpoint.offer", CHECKPOINT_OFFER, ROLE_WORKER, artifact_offer_request, artifact_offer_answer)            \
	X("trial.artifacts", TRIAL_ARTIFACTS, ROLE_VIEWER, trial_artifacts_request, trial_artifacts_answer)            \
	X("token.create", TOKEN_CREATE, 0, token_create_request, token_create_answer)                                  \
	X("token.list", TOKEN_LIST, 0, nothing, token_list_answer)                                                     \
	X("token.revoke", TOKEN_REVOKE, 0, token_revoke_request, token_revoke_answer)                                  \
	X("listen.start", LISTEN_START, 0, listen_request, listen_answer)                                              \
	X("listen.stop", LISTEN_STOP, 0, nothing, listen_answer)                                                       \
	X("listen.get", LISTEN_GET, 0, nothing, listen_answer)                                                         \
	X("daemon.ping", DAEMON_PING, ROLE_WORKER | ROLE_VIEWER, nothing, daemon_ping_answer)                          \
	X("daemon.metrics", DAEMON_METRICS, ROLE_VIEWER, nothing, metrics_answer)                                      \
	X("daemon.stop", DAEMON_STOP, 0, nothing, nothing)

enum method_id {
#define X(name, constant, roles, params, result) METHOD_##constant,
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
	WIRE_NOT_ALLOWED = -32013,
	WIRE_TOO_LARGE = -32020,
	WIRE_VERSION = -32021,
	WIRE_OTHER_CONTENT = -32022,
	WIRE_NO_ROOM = -32023,
	WIRE_TOKEN = -32024,
};

/* The method of that name, or -1; and back. */
int method_find(const char *name);
const char *method_name(enum method_id method);

/* What goes with a call and what comes back. */
const struct shape *method_params(enum method_id method);
const struct shape *method_result(enum method_id method);

/* True when a connection with `role` may call it. */
bool method_allows(enum method_id method, enum role role);

/* Each returns one line ending in \n on the heap (memory_free), or NULL when out of memory.
 * `params` is
 * a JSON object. */
char *message_request(double id, enum method_id method, const char *params);
char *message_notification(const char *method, const char *params);

/* The same for answers: `id`, `result` and `data` are JSON. NULL is null, and no data at all. */
char *message_result(const char *id, const char *result);
char *message_error(const char *id, int code, const char *text, const char *data);

#endif
