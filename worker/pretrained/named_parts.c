#include "worker/pretrained/named_parts.h"

#include <stdlib.h>
#include <string.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"

int named_parts_add(struct named_parts *parts, const struct named_bytes *part)
{
	if (array_reserve(parts->items, &parts->capacity, parts->count + 1) < 0)
		return -ENOMEM;
	parts->items[parts->count++] = *part;
	return 0;
}

static int compare(const void *left, const void *right)
{
	const struct named_bytes *a = left, *b = right;
	const size_t common = a->name_length < b->name_length ? a->name_length : b->name_length;
	const int order = common ? memcmp(a->name, b->name, common) : 0;
	return order ? order : (a->name_length > b->name_length) - (a->name_length < b->name_length);
}

int named_parts_sort(struct named_parts *parts, const char *path, struct error *error)
{
	if (parts->count)
		qsort(parts->items, parts->count, sizeof *parts->items, compare);
	for (size_t i = 1; i < parts->count; i++)
		if (compare(&parts->items[i - 1], &parts->items[i]) == 0)
			return error_set(error, -EINVAL, "%s: two of its parts have one name", path);
	return 0;
}

const struct named_bytes *named_parts_find(const struct named_parts *parts, const void *name, size_t length)
{
	const struct named_bytes wanted = {.name = name, .name_length = length};
	return parts->count ? bsearch(&wanted, parts->items, parts->count, sizeof *parts->items, compare) : NULL;
}

void named_parts_finish(struct named_parts *parts)
{
	memory_free(parts->items);
	*parts = (struct named_parts){0};
}
