#include "daemon/studies/index.h"

#include <string.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"

void index_finish(struct index *index)
{
	memory_free(index->entries);
	*index = (struct index){0};
}

size_t index_place(const struct index *index, int64_t key)
{
	size_t low = 0, high = index->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (index->entries[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int index_insert(struct index *index, int64_t key, void *item)
{
	int rc = array_reserve(index->entries, &index->capacity, index->count + 1);
	if (rc < 0)
		return rc;
	bool last = index->count == 0 || index->entries[index->count - 1].key <= key;
	size_t place = last ? index->count : index_place(index, key + 1);
	struct index_entry *at = index->entries + place;
	memmove(at + 1, at, (index->count - place) * sizeof *at);
	*at = (struct index_entry){.key = key, .item = item};
	index->count++;
	return 0;
}

void *index_find(const struct index *index, int64_t key)
{
	size_t place = index_place(index, key);
	bool found = place < index->count && index->entries[place].key == key;
	return found ? index->entries[place].item : NULL;
}

void index_remove(struct index *index, int64_t key, const void *item)
{
	for (size_t i = index_place(index, key); i < index->count && index->entries[i].key == key; i++) {
		if (index->entries[i].item != item)
			continue;
		struct index_entry *at = index->entries + i;
		memmove(at, at + 1, (--index->count - i) * sizeof *at);
		return;
	}
}

void index_filter(struct index *index, bool (*leaves)(const void *item, const void *context), const void *context)
{
	size_t kept = 0;
	for (size_t i = 0; i < index->count; i++)
		if (!leaves(index->entries[i].item, context))
			index->entries[kept++] = index->entries[i];
	index->count = kept;
}

int64_t index_text_key(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325u;
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
	return (int64_t)(hash >> 1);
}
