#include "daemon/studies/catalog.h"

#include <errno.h>
#include <string.h>

#include "schema/base/memory.h"

void catalog_finish(struct catalog *catalog)
{
	memory_free(catalog->entries);
	*catalog = (struct catalog){0};
}

static int make_room(struct catalog *catalog)
{
	if (catalog->count < catalog->capacity)
		return 0;
	size_t capacity = catalog->capacity ? catalog->capacity * 2 : 16;
	struct catalog_entry *entries = memory_resize(catalog->entries, capacity, sizeof *entries);
	if (!entries)
		return -ENOMEM;
	catalog->entries = entries;
	catalog->capacity = capacity;
	return 0;
}

size_t catalog_place(const struct catalog *catalog, int64_t key)
{
	size_t low = 0, high = catalog->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (catalog->entries[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int catalog_insert(struct catalog *catalog, int64_t key, void *item)
{
	int rc = make_room(catalog);
	if (rc < 0)
		return rc;
	bool last = catalog->count == 0 || catalog->entries[catalog->count - 1].key <= key;
	size_t place = last ? catalog->count : catalog_place(catalog, key + 1);
	struct catalog_entry *at = catalog->entries + place;
	memmove(at + 1, at, (catalog->count - place) * sizeof *at);
	*at = (struct catalog_entry){.key = key, .item = item};
	catalog->count++;
	return 0;
}

void *catalog_find(const struct catalog *catalog, int64_t key)
{
	size_t place = catalog_place(catalog, key);
	bool found = place < catalog->count && catalog->entries[place].key == key;
	return found ? catalog->entries[place].item : NULL;
}

void catalog_remove(struct catalog *catalog, int64_t key, const void *item)
{
	for (size_t i = catalog_place(catalog, key); i < catalog->count && catalog->entries[i].key == key; i++) {
		if (catalog->entries[i].item != item)
			continue;
		struct catalog_entry *at = catalog->entries + i;
		memmove(at, at + 1, (--catalog->count - i) * sizeof *at);
		return;
	}
}

void catalog_filter(struct catalog *catalog, bool (*leaves)(const void *item, const void *context), const void *context)
{
	size_t kept = 0;
	for (size_t i = 0; i < catalog->count; i++)
		if (!leaves(catalog->entries[i].item, context))
			catalog->entries[kept++] = catalog->entries[i];
	catalog->count = kept;
}

int64_t catalog_text_key(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325u;
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
	return (int64_t)(hash >> 1);
}
