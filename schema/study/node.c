#include "schema/study/node.h"

#include <string.h>

#include "schema/base/text.h"

const struct node *node_find_key(const struct node *map, const char *key)
{
	if (!map || map->kind != NODE_MAP)
		return NULL;
	for (size_t i = 0; i < map->count; i++)
		if (strcmp(map->items[i].key, key) == 0)
			return &map->items[i];
	return NULL;
}

const struct node *node_find(const struct node *map, const char *key)
{
	const struct node *member = node_find_key(map, key);
	return member && member->kind != NODE_NULL ? member : NULL;
}

static void append_path(const struct node *node, struct text *out)
{
	if (!node->parent)
		return;
	append_path(node->parent, out);
	if (node->key)
		text_printf(out, "%s%s", out->length ? "." : "", node->key);
	else
		text_printf(out, "[%zu]", node->index);
}

const char *node_path(const struct node *node, struct arena *arena)
{
	struct text path = TEXT_NULL;
	append_path(node, &path);
	const char *copy = path.failed ? NULL : arena_strdup(arena, text_string(&path));
	text_finish(&path);
	return copy;
}
