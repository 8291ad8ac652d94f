#include "schema/api/message.h"

#include <string.h>

#include "schema/api/access.h"
#include "schema/api/artifact.h"
#include "schema/api/best.h"
#include "schema/api/blob.h"
#include "schema/api/daemon.h"
#include "schema/api/event.h"
#include "schema/api/metrics.h"
#include "schema/api/lease.h"
#include "schema/api/study.h"
#include "schema/api/trial.h"
#include "schema/api/work.h"
#include "schema/base/memory.h"
#include "schema/base/number.h"
#include "schema/base/text.h"

static const struct {
	const char *name;
	int roles;
	const struct shape *params, *result;
} methods[METHOD_COUNT] = {
#define X(name, constant, roles, params, result) [METHOD_##constant] = {name, roles, &params##_shape, &result##_shape},
        MESSAGE_METHODS(X)
#undef X
};

int method_find(const char *name)
{
	for (int i = 0; i < METHOD_COUNT; i++)
		if (strcmp(methods[i].name, name) == 0)
			return i;
	return -1;
}

const char *method_name(enum method_id method)
{
	return methods[method].name;
}

const struct shape *method_params(enum method_id method)
{
	return methods[method].params;
}

const struct shape *method_result(enum method_id method)
{
	return methods[method].result;
}

bool method_allows(enum method_id method, enum role role)
{
	return role == ROLE_ADMIN || (methods[method].roles & (int)role) != 0;
}

static char *finish_line(struct text *line)
{
	text_append(line, "}\n");
	return text_take(line);
}

static void begin_call(struct text *line, const char *method)
{
	text_append(line, "\"method\":");
	text_json_string(line, method, false);
	text_append(line, ",\"params\":");
}

char *message_request(double id, enum method_id method, const char *params)
{
	struct text line = TEXT_NULL;
	char number[NUMBER_TEXT_BYTES];
	number_json(id, number);
	text_printf(&line, "{\"jsonrpc\":\"2.0\",\"id\":%s,", number);
	begin_call(&line, method_name(method));
	text_append(&line, params);
	return finish_line(&line);
}

char *message_notification(const char *method, const char *params)
{
	struct text line = TEXT_NULL;
	text_append(&line, "{\"jsonrpc\":\"2.0\",");
	begin_call(&line, method);
	text_append(&line, params);
	return finish_line(&line);
}

static void begin_answer(struct text *line, const char *id, const char *what)
{
	text_append(line, "{\"jsonrpc\":\"2.0\",\"id\":");
	text_append(line, id ? id : "null");
	text_append(line, what);
}

char *message_result(const char *id, const char *result)
{
	struct text line = TEXT_NULL;
	begin_answer(&line, id, ",\"result\":");
	text_append(&line, result);
	return finish_line(&line);
}

char *message_error(const char *id, int code, const char *text, const char *data)
{
	struct text line = TEXT_NULL;
	begin_answer(&line, id, ",\"error\":");
	text_printf(&line, "{\"code\":%d,\"message\":", code);
	text_json_string(&line, text, false);
	if (data)
		text_append(&line, ",\"data\":");
	text_append(&line, data ? data : "");
	text_append(&line, "}");
	return finish_line(&line);
}
