#include "cli/command_line/operand_json.h"

#include <errno.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/base/number.h"
#include "schema/space/json.h"
#include "schema/space/json_parse.h"

static cJSON *read_value(const char *text)
{
	double number;
	if (number_parse(&number, text, true))
		return json_number(number);
	cJSON *value = json_parse(text, strlen(text), NULL);
	return value ? value : cJSON_CreateString(text);
}

int operand_json_add(cJSON *object, const char *word, struct error *error)
{
	const char *equals = strchr(word, '=');
	if (!equals || equals == word)
		return error_set(error, -EINVAL, "'%s' is not NAME=VALUE", word);
	char *name = memory_strndup(word, (size_t)(equals - word));
	cJSON *value = read_value(equals + 1);
	bool added = name && value && cJSON_AddItemToObject(object, name, value);
	if (!added)
		cJSON_Delete(value);
	memory_free(name);
	return added ? 0 : error_no_memory(error);
}
