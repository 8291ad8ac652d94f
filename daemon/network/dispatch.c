#include "daemon/network/dispatch.h"

#include <errno.h>
#include <string.h>

#include "daemon/access/admission.h"
#include "daemon/studies/view_bounds.h"
#include "schema/api/refusal.h"
#include "schema/api/shape_read.h"
#include "schema/api/shape_write.h"
#include "schema/base/log.h"
#include "schema/base/memory.h"
#include "schema/transport/frame.h"
#include "schema/space/json.h"
#include "schema/space/json_parse.h"

static const struct {
	request_handler *handle;
	enum study_use use;
	bool overtakes; /* see dispatch_overtakes */
	bool waits;     /* see dispatch_waits */
	bool bulky;     /* see dispatch_is_bulky */
	bool local;     /* for peers of the Unix socket only: it names the disk of this machine */
} handlers[METHOD_COUNT] = {
        [METHOD_HELLO] = {request_hello, USE_NONE},
        [METHOD_STUDY_CREATE] = {request_study_create, USE_CHANGE},
        [METHOD_STUDY_LIST] = {request_study_list, USE_READ},
        [METHOD_STUDY_GET] = {request_study_get, USE_READ},
        [METHOD_STUDY_BEST] = {request_study_best, USE_READ, .waits = true},
        [METHOD_STUDY_IMPORTANCE] = {request_study_importance, USE_READ, .waits = true},
        [METHOD_STUDY_PAUSE] = {request_study_pause, USE_CHANGE},
        [METHOD_STUDY_RESUME] = {request_study_resume, USE_CHANGE},
        [METHOD_STUDY_STOP] = {request_study_stop, USE_CHANGE},
        [METHOD_STUDY_DELETE] = {request_study_delete, USE_CHANGE},
        [METHOD_TRIAL_ASK] = {request_trial_ask, USE_CHANGE, .waits = true},
        [METHOD_TRIAL_REPORT] = {request_trial_report, USE_CHANGE, .overtakes = true},
        [METHOD_TRIAL_TELL] = {request_trial_tell, USE_CHANGE, .overtakes = true},
        [METHOD_LEASE_RENEW] = {request_lease_renew, USE_CHANGE, .overtakes = true},
        [METHOD_TRIAL_ENQUEUE] = {request_trial_enqueue, USE_CHANGE},
        [METHOD_TRIAL_RESUME] = {request_trial_resume, USE_CHANGE},
        [METHOD_TRIAL_LIST] = {request_trial_list, USE_READ},
        [METHOD_TRIAL_GET] = {request_trial_get, USE_READ},
        [METHOD_WATCH] = {request_watch, USE_READ},
        [METHOD_FILE_EXPORT] = {request_file_export, USE_NONE, .waits = true, .local = true},
        [METHOD_BLOB_GET] = {request_blob_get, USE_READ, .bulky = true},
        [METHOD_BLOB_PUT] = {request_blob_put, USE_READ, .bulky = true},
        [METHOD_ARTIFACT_OFFER] = {request_artifact_offer, USE_CHANGE},
        [METHOD_CHECKPOINT_OFFER] = {request_checkpoint_offer, USE_CHANGE},
        [METHOD_TRIAL_ARTIFACTS] = {request_trial_artifacts, USE_READ},
        [METHOD_TOKEN_CREATE] = {request_token_create, USE_CHANGE},
        [METHOD_TOKEN_LIST] = {request_token_list, USE_READ},
        [METHOD_TOKEN_REVOKE] = {request_token_revoke, USE_CHANGE},
        [METHOD_LISTEN_START] = {request_listen_start, USE_CHANGE, .local = true},
        [METHOD_LISTEN_STOP] = {request_listen_stop, USE_CHANGE, .local = true},
        [METHOD_LISTEN_GET] = {request_listen_get, USE_READ, .local = true},
        [METHOD_DAEMON_PING] = {request_daemon_ping, USE_NONE, .overtakes = true},
        [METHOD_DAEMON_METRICS] = {request_daemon_metrics, USE_READ},
        [METHOD_DAEMON_STOP] = {request_daemon_stop, USE_NONE},
};

/* Outcomes of study_table.h on the wire. */
static const int wire_codes[] = {
        [STUDIES_NOT_FOUND] = WIRE_NOT_FOUND,
        [STUDIES_EXISTS] = WIRE_EXISTS,
        [STUDIES_SPEC_WRONG] = WIRE_SPEC_WRONG,
        [STUDIES_LEASE_LOST] = WIRE_LEASE_LOST,
        [STUDIES_NOT_A_NUMBER] = WIRE_NOT_A_NUMBER,
        [STUDIES_NOT_RUNNING] = WIRE_NOT_RUNNING,
        [STUDIES_BAD_REQUEST] = WIRE_INVALID_PARAMS,
        [STUDIES_BUSY] = WIRE_INTERNAL,
        [STUDIES_NOT_ALLOWED] = WIRE_NOT_ALLOWED,
};

static const struct {
	int outcome, code;
} refusals[] = {{-EINVAL, WIRE_INVALID_PARAMS}, {-EFBIG, WIRE_INVALID_PARAMS}, {-EPERM, WIRE_ROLE},
        {-EPROTONOSUPPORT, WIRE_VERSION}, {-EACCES, WIRE_TOKEN}, {BLOB_OTHER_CONTENT, WIRE_OTHER_CONTENT},
        {BLOB_NO_ROOM, WIRE_NO_ROOM}};

static int wire_code(int outcome)
{
	if (outcome > 0 && (size_t)outcome < sizeof wire_codes / sizeof *wire_codes)
		return wire_codes[outcome];
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
		if (refusals[i].outcome == outcome)
			return refusals[i].code;
	return WIRE_INTERNAL;
}

#define ID_MAX_BYTES (128u << 10) /* an answer repeats it */

/* The id of a message as JSON, in the arena; NULL when there is none, it is too long, or no memory
 * for it. */
static const char *id_of(const cJSON *message, struct arena *arena)
{
	const cJSON *id = cJSON_GetObjectItemCaseSensitive(message, "id");
	struct text text = TEXT_NULL;
	if (!cJSON_IsNumber(id) && !cJSON_IsString(id))
		return NULL;
	json_append(id, &text);
	const char *copy =
	        text.failed || text.length > ID_MAX_BYTES + 2 ? NULL : arena_strdup(arena, text_string(&text));
	text_finish(&text);
	return copy;
}

static int method_of(const cJSON *message)
{
	return method_find(json_string(message, "method", ""));
}

/* Nobody can tell which request it was. */
static char *refuse_for_memory(void)
{
	return message_error(NULL, WIRE_INTERNAL, "out of memory", NULL);
}

static char *refuse_shape(const cJSON *message)
{
	struct arena arena = ARENA_NULL;
	char *reply = message_error(id_of(message, &arena), WIRE_INVALID_REQUEST,
	        "expected one JSON-RPC request: an object with an id of at most 128 KiB, method and an object params",
	        NULL);
	arena_finish(&arena);
	return reply;
}

static bool is_request(const cJSON *message)
{
	const cJSON *id = cJSON_GetObjectItemCaseSensitive(message, "id");
	const cJSON *params = cJSON_GetObjectItemCaseSensitive(message, "params");
	return cJSON_IsObject(message) && json_string(message, "method", NULL) &&
	       (cJSON_IsNumber(id) || (cJSON_IsString(id) && bytes_of_text(id->valuestring) <= ID_MAX_BYTES)) &&
	       (!params || cJSON_IsObject(params));
}

cJSON *dispatch_parse(const char *line, size_t length, char **refusal, bool *fatal)
{
	cJSON *message;
	struct error error;
	int rc = json_read(&message, line, length, &error);
	*fatal = rc < 0;
	if (rc == 0 && is_request(message))
		return message;
	if (rc == 0) {
		*refusal = refuse_shape(message);
		cJSON_Delete(message);
	} else {
		*refusal = rc == -ENOMEM ? refuse_for_memory() : message_error(NULL, WIRE_PARSE, error.text, NULL);
	}
	return NULL;
}

bool dispatch_admits(const cJSON *message)
{
	const cJSON *params = cJSON_GetObjectItemCaseSensitive(message, "params");
	return method_of(message) == METHOD_HELLO && json_string(params, "token", NULL) != NULL;
}

enum study_use dispatch_use(const cJSON *message)
{
	int method = method_of(message);
	if (dispatch_admits(message))
		return USE_CHANGE;
	return method >= 0 ? handlers[method].use : USE_NONE;
}

bool dispatch_overtakes(const cJSON *message)
{
	int method = method_of(message);
	return method >= 0 && handlers[method].overtakes;
}

bool dispatch_waits(const cJSON *message)
{
	int method = method_of(message);
	return method >= 0 && handlers[method].waits;
}

bool dispatch_is_bulky(const cJSON *message)
{
	int method = method_of(message);
	return method >= 0 && handlers[method].bulky;
}

/* Who came in by a token that held then may find that it does no longer. */
static int check_token(const struct caller *caller, const struct access *access, struct error *error)
{
	if (caller->revoked)
		return error_set(error, -EACCES, "this token was revoked");
	return admission_is_over(access, caller->expires) ? admission_say_over(caller->expires, error) : 0;
}

static int refuse_role(enum method_id method, const struct caller *caller, struct error *error)
{
	if (caller->local || (caller->roles & ROLE_ADMIN))
		return error_set(error, WIRE_ROLE, "this role may not call %s", method_name(method));
	return error_set(error, WIRE_ROLE,
	        "a %s's token cannot do this; an admin's line comes from 'kre-search join --role admin'",
	        words_name(&role_words, (int)caller->role));
}

/* Why a message may not run, as a wire error; 0 when it may. */
static int check_access(int method, bool greeted, const struct caller *caller, struct error *error)
{
	if (!greeted && method != METHOD_HELLO)
		return error_set(error, WIRE_HELLO_FIRST, "say hello first");
	if (method < 0)
		return error_set(error, WIRE_NO_METHOD, "there is no such method");
	if (method != METHOD_HELLO && !method_allows((enum method_id)method, caller->role))
		return refuse_role((enum method_id)method, caller, error);
	if (handlers[method].local && !caller->local)
		return error_set(error, WIRE_ROLE, "%s is for the daemon's own machine, over its socket",
		        method_name((enum method_id)method));
	return 0;
}

/* A peer would have to close on a line over the limit, so it gets a short one that says what to
 * do. */
static char *refuse_long(const struct request *request, char *reply)
{
	memory_free(reply);
	return message_error(
	        request->id, WIRE_TOO_LARGE, "the answer is longer than 1 MiB: ask for less at once", NULL);
}

static char *refuse(struct request *request, int rc)
{
	struct text data = TEXT_NULL;
	bool has_data = request->refusal.path || request->refusal.complaints.count;
	if (rc < 0 && !*request->error.text)
		error_set(&request->error, rc, "%s", strerror(-rc));
	log_debug("refused: %s; that began at %s", request->error.text, error_place(&request->error));
	if (has_data)
		shape_write(&data, &refusal_shape, &request->refusal);
	char *reply = data.failed ? NULL
	                          : message_error(request->id, wire_code(rc), request->error.text,
	                                    has_data ? text_string(&data) : NULL);
	text_finish(&data);
	return reply;
}

static char *answer(const struct request *request, const struct shape *shape, const void *result)
{
	struct text json = TEXT_NULL;
	shape_write(&json, shape, result);
	char *reply = json.failed ? NULL : message_result(request->id, text_string(&json));
	text_finish(&json);
	return reply;
}

static int read_params(void *out, struct request *request, const struct shape *shape, const cJSON *params)
{
	struct shape_reader reader = {.arena = request->arena};
	int rc = shape_read(out, shape, params, &reader);
	if (rc <= 0)
		return rc;
	request->refusal.path = arena_strdup(request->arena, reader.path);
	if (!request->refusal.path)
		return -ENOMEM;
	return error_set(&request->error, rc == SHAPE_NOT_A_NUMBER ? STUDIES_NOT_A_NUMBER : -EINVAL, "%s: expected %s",
	        reader.path, reader.expected);
}

static const struct field *find_study(const struct shape *shape)
{
	for (size_t i = 0; i < shape->count; i++)
		if (shape->fields[i].kind == FIELD_TEXT && strcmp(shape->fields[i].key, "study") == 0)
			return &shape->fields[i];
	return NULL;
}

/* A token for one study means that study, also where none is named. */
static int keep_to_study(void *params, struct request *request, const struct shape *shape)
{
	const struct field *field = find_study(shape);
	const char *limit = request->caller->limit, *named;
	if (!limit || !field)
		return 0;
	memcpy(&named, (char *)params + field->offset, sizeof named);
	if (named && strcmp(named, limit) != 0)
		return error_set(&request->error, -EPERM, "this token is for the study %s and no other", limit);
	memcpy((char *)params + field->offset, &limit, sizeof limit);
	return 0;
}

/* Reads the parameters, runs the handler, writes the reply. 0 or STUDIES_LATER. */
static int run_handler(char **reply, enum method_id method, const cJSON *json, struct request *request)
{
	const struct shape *asks = method_params(method), *answers = method_result(method);
	void *params = arena_alloc(request->arena, asks->size_bytes);
	void *result = arena_alloc(request->arena, answers->size_bytes);
	int rc = params && result && request->id ? read_params(params, request, asks, json) : -ENOMEM;
	if (rc == 0)
		rc = keep_to_study(params, request, asks);
	if (rc == 0)
		rc = handlers[method].handle(request, params, result);
	if (rc == STUDIES_LATER)
		return rc;
	char *line = rc == 0 ? answer(request, answers, result) : refuse(request, rc);
	*reply = line && strlen(line) > FRAME_MAX_BYTES ? refuse_long(request, line) : line;
	return 0;
}

int dispatch_run(char **reply, const cJSON *message, struct asker *asker, const struct surroundings *around)
{
	static const cJSON no_params = {.type = cJSON_Object};
	struct arena arena = ARENA_NULL;
	struct caller *caller = asker->caller;
	int method = asker->method = method_of(message);
	const cJSON *params = cJSON_GetObjectItemCaseSensitive(message, "params");
	struct request request = {.around = around,
	        .caller = caller,
	        .id = id_of(message, &arena),
	        .arena = &arena,
	        .importance = &asker->importance,
	        .export = &asker->export,
	        .lost = asker->lost};
	int rc = check_access(method, asker->greeted, caller, &request.error);
	if (rc == 0 && method != METHOD_HELLO && check_token(caller, around->access, &request.error) < 0)
		rc = WIRE_TOKEN;
	if (rc) {
		*reply = message_error(request.id, rc, request.error.text, NULL);
		rc = 0;
	} else {
		rc = run_handler(reply, (enum method_id)method, params ? params : &no_params, &request);
		asker->greeted = asker->greeted || caller->role != 0; /* what a good hello sets last */
	}
	arena_finish(&arena);
	return rc;
}

char *dispatch_not_committed(const cJSON *message, const char *why)
{
	struct arena arena = ARENA_NULL;
	char *reply = message_error(id_of(message, &arena), WIRE_INTERNAL, why, NULL);
	arena_finish(&arena);
	return reply;
}
