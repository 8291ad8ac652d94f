#include "schema/api/message.h"

#include <string.h>

#include "schema/base/memory.h"
#include "schema/base/number.h"
#include "schema/base/text.h"
#include "schema/space/json.h"

static const struct {
	const char *name;
	int roles;
} methods[METHOD_COUNT] = {
#define X(name, constant, roles) [METHOD_##constant] = {name, roles},
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

bool method_allows(enum method_id method, enum role role)
{
	return role == ROLE_ADMIN || (methods[method].roles & (int)role) != 0;
}

static void append_or(struct text *line, const cJSON *value, const char *otherwise)
{
	if (value)
		json_append(value, line);
	else
		text_append(line, otherwise);
}

static char *finish_line(struct text *line)
{
	text_append(line, "}\n");
	return text_take(line);
}

static void append_call(struct text *line, const char *method, const cJSON *params)
{
	text_append(line, "\"method\":");
	text_json_string(line, method, false);
	text_append(line, ",\"params\":");
	append_or(line, params, "{}");
}

char *message_request(double id, const char *method, const cJSON *params)
{
	struct text line = TEXT_NULL;
	char number[NUMBER_TEXT_BYTES];
	number_json(id, number);
	text_printf(&line, "{\"jsonrpc\":\"2.0\",\"id\":%s,", number);
	append_call(&line, method, params);
	return finish_line(&line);
}

char *message_notification(const char *method, const cJSON *params)
{
	struct text line = TEXT_NULL;
	text_append(&line, "{\"jsonrpc\":\"2.0\",");
	append_call(&line, method, params);
	return finish_line(&line);
}

char *message_result(const cJSON *id, const cJSON *result)
{
	struct text line = TEXT_NULL;
	text_append(&line, "{\"jsonrpc\":\"2.0\",\"id\":");
	append_or(&line, id, "null");
	text_append(&line, ",\"result\":");
	append_or(&line, result, "null");
	return finish_line(&line);
}

char *message_error(const cJSON *id, int code, const char *text, const cJSON *data)
{
	struct text line = TEXT_NULL;
	text_append(&line, "{\"jsonrpc\":\"2.0\",\"id\":");
	append_or(&line, id, "null");
	text_printf(&line, ",\"error\":{\"code\":%d,\"message\":", code);
	text_json_string(&line, text, false);
	if (data) {
		text_append(&line, ",\"data\":");
		json_append(data, &line);
	}
	text_append(&line, "}");
	return finish_line(&line);
}
