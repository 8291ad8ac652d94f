#include "worker/agent/allow_list.h"

#include <string.h>

static bool has_entry(const struct allow_list *list, const char *text)
{
	for (const char *const *entry = list->entries; *entry; entry++)
		if (strcmp(*entry, text) == 0)
			return true;
	return false;
}

bool allow_list_has(const struct allow_list *list, const char *program)
{
	if (!*program)
		return false;
	return strcmp(program, ALLOW_BUILT_IN) == 0 || has_entry(list, "*") || has_entry(list, program);
}

static bool append(cJSON *array, const char *text)
{
	cJSON *item = cJSON_CreateString(text);
	return item && cJSON_AddItemToArray(array, item);
}

cJSON *allow_list_json(const struct allow_list *list)
{
	cJSON *array = cJSON_CreateArray();
	if (!array || has_entry(list, "*"))
		return array;
	bool okay = append(array, ALLOW_BUILT_IN);
	for (const char *const *entry = list->entries; okay && *entry; entry++)
		okay = append(array, *entry);
	if (okay)
		return array;
	cJSON_Delete(array);
	return NULL;
}
