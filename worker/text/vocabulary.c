#include "worker/text/vocabulary.h"

#include <assert.h>
#include <errno.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"

void vocabulary_finish(struct vocabulary *vocabulary)
{
	memory_free(vocabulary->keys);
	memory_free(vocabulary->slots);
	*vocabulary = VOCABULARY_NULL;
}

/* The slot that holds the key, or the free one where it belongs. Keys are hashes, so their low bits
 * choose the slot. */
static size_t find_slot(const struct vocabulary *vocabulary, uint64_t key)
{
	size_t mask = vocabulary->slot_count - 1, slot = (size_t)key & mask;
	assert(vocabulary->slot_count > vocabulary->count && (vocabulary->slot_count & mask) == 0);
	while (vocabulary->slots[slot] && vocabulary->keys[vocabulary->slots[slot] - 1] != key)
		slot = (slot + 1) & mask;
	return slot;
}

/* Doubles the slots, so that at most half of them are taken. */
static int grow_slots(struct vocabulary *vocabulary)
{
	const size_t count = vocabulary->slot_count ? 2 * vocabulary->slot_count : 2048;
	uint32_t *slots = memory_alloc(count, sizeof *slots);
	if (!slots)
		return -ENOMEM;
	memory_free(vocabulary->slots);
	vocabulary->slots = slots;
	vocabulary->slot_count = count;
	for (size_t i = 0; i < vocabulary->count; i++)
		slots[find_slot(vocabulary, vocabulary->keys[i])] = (uint32_t)i + 1;
	return 0;
}

void vocabulary_fetch(const struct vocabulary *vocabulary, uint64_t key)
{
	if (vocabulary->slot_count)
		__builtin_prefetch(&vocabulary->slots[(size_t)key & (vocabulary->slot_count - 1)]);
}

int vocabulary_add(uint32_t *out, struct vocabulary *vocabulary, uint64_t key)
{
	if (array_reserve(vocabulary->keys, &vocabulary->capacity, vocabulary->count + 1) < 0)
		return -ENOMEM;
	if (2 * vocabulary->count >= vocabulary->slot_count && grow_slots(vocabulary) < 0)
		return -ENOMEM;
	size_t slot = find_slot(vocabulary, key);
	if (!vocabulary->slots[slot]) {
		vocabulary->keys[vocabulary->count++] = key;
		vocabulary->slots[slot] = (uint32_t)vocabulary->count;
	}
	*out = vocabulary->slots[slot] - 1;
	return 0;
}

uint32_t vocabulary_find(const struct vocabulary *vocabulary, uint64_t key)
{
	if (vocabulary->count == 0)
		return VOCABULARY_ABSENT;
	return vocabulary->slots[find_slot(vocabulary, key)] - 1;
}
