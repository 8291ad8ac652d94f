#include "worker/features/feature_list.h"

#include <assert.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"

#define GROUP_SHIFT 60 /* a name has its group in the bits above */
_Static_assert(FEATURE_GROUPS <= 16, "a group is four bits of a name");

void feature_list_finish(struct feature_list *list)
{
	memory_free(list->keys);
	memory_free(list->codes);
	*list = (struct feature_list){0};
}

enum feature_group feature_group_of(uint64_t key)
{
	return (enum feature_group)(key >> GROUP_SHIFT);
}

uint64_t feature_key(enum feature_group group, uint64_t hash)
{
	assert(group < FEATURE_GROUPS);
	hash ^= hash >> 29;
	hash *= 0xbf58476d1ce4e5b9u;
	hash ^= hash >> 32;
	return (uint64_t)group << GROUP_SHIFT | hash >> (64 - GROUP_SHIFT);
}

void feature_emit(struct feature_list *list, enum feature_group group, uint64_t hash)
{
	if (array_reserve(list->keys, &list->capacity, list->count + 1) < 0) {
		list->failed = true;
		return;
	}
	list->keys[list->count++] = feature_key(group, hash);
}
