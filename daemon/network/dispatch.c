#include "daemon/network/dispatch.h"

#include <errno.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/base/utf8.h"
#include "schema/transport/frame.h"
#include "schema/space/json.h"
#include "schema/space/json_parse.h"

static const struct {
	request_handler *handle;
	enum study_use use;
	bool overtakes; /* see dispatch_overtakes */
	bool waits;     /* see dispatch_waits */
} handlers[METHOD_COUNT] = {
        [METHOD_HELLO] = {request_hello, USE_NONE},
        [METHOD_STUDY_CREATE] = {request_study_create, USE_CHANGE},
        [METHOD_STUDY_LIST] = {request_study_list, USE_READ},
        [METHOD_STUDY_GET] = {request_study_get, USE_READ},
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
        [METHOD_TRIAL_LIST] = {request_trial_list, USE_READ},
        [METHOD_TRIAL_GET] = {request_trial_get, USE_READ},
        [METHOD_WATCH] = {request_watch, USE_READ},
        [METHOD_FILE_EXPORT] = {request_file_export, USE_NONE},
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
};

static int wire_code(int outcome)
{
	if (outcome > 0 && (size_t)outcome < sizeof wire_codes / sizeof *wire_codes)
		return wire_codes[outcome];
	return outcome == -EINVAL ? WIRE_INVALID_PARAMS : outcome == -EPERM ? WIRE_ROLE : WIRE_INTERNAL;
}

static const cJSON *id_of(const cJSON *message)
{
	return cJSON_GetObjectItemCaseSensitive(message, "id");
}

static int method_of(const cJSON *message)
{
	return method_find(json_string(message, "method", ""));
}

cJSON *dispatch_parse(const char *line, size_t length, char **refusal, bool *fatal)
{
	struct error error = {""};
	cJSON *message = utf8_valid(line, length) ? json_parse(line, length, &error) : NULL;
	*fatal = message == NULL;
	if (!message) {
		*refusal = message_error(NULL, WIRE_PARSE, *error.text ? error.text : "the line is not UTF-8", NULL);
		return NULL;
	}
	const cJSON *id = id_of(message), *params = cJSON_GetObjectItemCaseSensitive(message, "params");
	bool good = cJSON_IsObject(message) && json_string(message, "method", NULL) &&
	            (cJSON_IsNumber(id) || cJSON_IsString(id)) && (!params || cJSON_IsObject(params));
	if (good)
		return message;
	*refusal = message_error(cJSON_IsNumber(id) || cJSON_IsString(id) ? id : NULL, WIRE_INVALID_REQUEST,
	        "expected one JSON-RPC request: an object with id, method and an object params", NULL);
	cJSON_Delete(message);
	return NULL;
}

enum study_use dispatch_use(const cJSON *message)
{
	int method = method_of(message);
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

/* Why a message may not run, as a wire error; 0 when it may. */
static int check_access(int method, bool greeted, enum role role, struct error *error)
{
	if (!greeted && method != METHOD_HELLO)
		return error_set(error, WIRE_HELLO_FIRST, "say hello first");
	if (method < 0)
		return error_set(error, WIRE_NO_METHOD, "there is no such method");
	if (method != METHOD_HELLO && !method_allows((enum method_id)method, role))
		return error_set(error, WIRE_ROLE, "this role may not call %s", method_name((enum method_id)method));
	return 0;
}

/* A peer would have to close on a line over the limit, so it gets a short one that says what to do. */
static char *refuse_long(const struct request *request, char *reply)
{
	memory_free(reply);
	return message_error(
	        request->id, WIRE_TOO_LARGE, "the answer is longer than 1 MiB: ask for less at once", NULL);
}

static char *answer(struct request *request, int rc)
{
	if (rc < 0 && !*request->error.text)
		error_set(&request->error, rc, "%s", strerror(-rc));
	char *reply = rc == 0 ? message_result(request->id, request->result)
	                      : message_error(request->id, wire_code(rc), request->error.text, request->data);
	return reply && strlen(reply) > FRAME_MAX_BYTES ? refuse_long(request, reply) : reply;
}

static int run_handler(char **reply, request_handler *handle, struct request *request)
{
	request->result = cJSON_CreateObject();
	int rc = request->result ? handle(request) : -ENOMEM;
	if (rc != STUDIES_LATER)
		*reply = answer(request, rc);
	cJSON_Delete(request->result);
	cJSON_Delete(request->data);
	return rc == STUDIES_LATER ? rc : 0;
}

int dispatch_run(char **reply, const cJSON *message, struct asker *asker, const struct surroundings *around)
{
	static const cJSON no_params = {.type = cJSON_Object};
	struct arena arena = ARENA_NULL;
	struct caller *caller = asker->caller;
	int method = method_of(message);
	const cJSON *params = cJSON_GetObjectItemCaseSensitive(message, "params");
	struct request request = {.around = around,
	        .caller = caller,
	        .id = id_of(message),
	        .params = params ? params : &no_params,
	        .arena = &arena,
	        .importance = &asker->importance};
	int rc = check_access(method, asker->greeted, caller->role, &request.error);
	if (rc) {
		*reply = message_error(request.id, rc, request.error.text, NULL);
		return 0;
	}
	rc = run_handler(reply, handlers[method].handle, &request);
	asker->greeted = asker->greeted || caller->role != 0; /* what a good hello sets last */
	arena_finish(&arena);
	return rc;
}

char *dispatch_not_committed(const cJSON *message, const char *why)
{
	return message_error(id_of(message), WIRE_INTERNAL, why, NULL);
}
