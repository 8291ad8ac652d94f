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

/* The value becomes the object's. */
static int add(cJSON *object, const char *name, cJSON *value, struct error *error)
{
	int rc = 0;
	if (!name || !value)
		rc = error_no_memory(error);
	else if (cJSON_GetObjectItemCaseSensitive(object, name))
		rc = error_set(error, -EINVAL, "'%s' is given twice", name);
	else if (!cJSON_AddItemToObject(object, name, value))
		rc = error_no_memory(error);
	if (rc < 0)
		cJSON_Delete(value);
	return rc;
}

static int add_members(cJSON *object, const char *word, struct error *error)
{
	cJSON *members = NULL;
	int rc = json_read(&members, word, strlen(word), error);
	while (rc == 0 && members->child) {
		cJSON *value = cJSON_DetachItemViaPointer(members, members->child);
		char *name = memory_strdup(value->string);
		rc = add(object, name, value, error);
		memory_free(name);
	}
	cJSON_Delete(members);
	return rc;
}

int operand_json_add(cJSON *object, const char *word, struct error *error)
{
	const char *equals = strchr(word, '=');
	if (*word == '{')
		return add_members(object, word, error);
	if (!equals || equals == word)
		return error_set(error, -EINVAL, "'%s' is not NAME=VALUE", word);
	char *name = memory_strndup(word, (size_t)(equals - word));
	int rc = add(object, name, read_value(equals + 1), error);
	memory_free(name);
	return rc;
}
