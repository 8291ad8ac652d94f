#include "worker/agent/sweep_params.h"

#include <string.h>

#include "schema/space/json.h"

/* The length of the string at `at`, quotes included. */
static size_t string_length(const char *at)
{
	size_t length = 1;
	while (at[length] && at[length] != '"')
		length += at[length] == '\\' && at[length + 1] ? 2 : 1;
	return length + (at[length] == '"');
}

static void append_number(struct text *out, const char *number, size_t length)
{
	size_t mantissa = strcspn(number, "eE");
	bool text_to_yaml = mantissa < length && !memchr(number, '.', mantissa);
	text_append_bytes(out, number, text_to_yaml ? mantissa : length);
	if (text_to_yaml) {
		text_append(out, ".0");
		text_append_bytes(out, number + mantissa, length - mantissa);
	}
}

/* Appends the token at `at` and returns its length. */
static size_t append_token(struct text *out, const char *at)
{
	size_t number = strspn(at, "+-.0123456789eE");
	if (*at != '"' && number > 0 && strcspn(at, "0123456789") < number) {
		append_number(out, at, number);
		return number;
	}
	size_t length = *at == '"' ? string_length(at) : 1;
	text_append_bytes(out, at, length);
	return length;
}

static void append_value(struct text *out, const cJSON *value)
{
	struct text json = TEXT_NULL;
	json_append_python(value, false, &json);
	for (const char *at = text_string(&json); *at;)
		at += append_token(out, at);
	out->failed |= json.failed;
	text_finish(&json);
}

void sweep_params_append(struct text *out, const cJSON *params)
{
	const cJSON *param;
	text_append(out, "wandb_version: 1\n");
	cJSON_ArrayForEach (param, params) {
		text_json_string(out, param->string, false);
		text_append(out, ":\n  value: ");
		append_value(out, param);
		text_append(out, "\n");
	}
}
