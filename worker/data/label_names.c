#include "worker/data/label_names.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <string.h>

#include "schema/base/file.h"
#include "schema/base/memory.h"

static int add(struct label_names *names, const char *name, size_t length)
{
	const char **items = arena_grow(&names->arena, (void *)names->names, names->count, sizeof *items);
	const char *copy = arena_strndup(&names->arena, name, length);
	if (!items || !copy)
		return -ENOMEM;
	items[names->count++] = copy;
	names->names = items;
	return 0;
}

static int add_list(struct label_names *names, const cJSON *list)
{
	const cJSON *item;
	int rc = 0;
	cJSON_ArrayForEach (item, list) {
		if (rc == 0)
			rc = cJSON_IsString(item) ? add(names, item->valuestring, strlen(item->valuestring)) : -EINVAL;
	}
	return rc;
}

static int add_lines(struct label_names *names, const char *text)
{
	int rc = 0;
	while (rc == 0 && *text) {
		size_t length = strcspn(text, "\r\n");
		if (length > 0)
			rc = add(names, text, length);
		text += length;
		text += strspn(text, "\r\n");
	}
	return rc;
}

int label_names_read(struct label_names *out, const char *source, struct error *error)
{
	char *text = NULL;
	size_t length;
	*out = LABEL_NAMES_NULL;
	out->exported = strcmp(source, LABEL_NAMES_EXPORTED) == 0;
	if (out->exported)
		return 0;
	int rc = file_read_text(&text, &length, source, error);
	if (rc < 0)
		return rc;
	cJSON *list = cJSON_Parse(text);
	rc = cJSON_IsArray(list) ? add_list(out, list) : add_lines(out, text);
	cJSON_Delete(list);
	memory_free(text);
	if (rc == -ENOMEM)
		return error_no_memory(error);
	if (rc < 0 || out->count == 0)
		return error_set(error, -EINVAL,
		        "%s: a name of a label on each line, or a JSON list of them, is expected", source);
	return 0;
}

void label_names_finish(struct label_names *names)
{
	arena_finish(&names->arena);
	*names = LABEL_NAMES_NULL;
}
