#include "worker/agent/allow_list.h"

#include <string.h>

struct allow_list allow_list_of(const struct option_texts *named)
{
	struct allow_list list = {{ALLOW_BUILT_IN}, 1, false};
	for (size_t i = 0; i < named->count; i++) {
		if (strcmp(named->items[i], "*") == 0)
			return (struct allow_list){.any = true};
		list.names[list.count++] = named->items[i];
	}
	return list;
}

bool allow_list_has(const struct allow_list *list, const char *program)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->names[i], program) == 0)
			return true;
	return list->any && *program;
}
