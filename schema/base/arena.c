#include "schema/base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/memory.h"

#define BLOCK_BYTES 4000
#define ALIGNMENT 16

struct arena_block {
	struct arena_block *older;
	size_t used_bytes, capacity_bytes;
	_Alignas(ALIGNMENT) unsigned char data[];
};

void arena_finish(struct arena *arena)
{
	struct arena_block *block = arena->newest;
	while (block) {
		struct arena_block *older = block->older;
		memory_free(block);
		block = older;
	}
	arena->newest = NULL;
}

void arena_take_over(struct arena *arena, struct arena *other)
{
	struct arena_block *oldest = other->newest;
	if (!oldest)
		return;
	while (oldest->older)
		oldest = oldest->older;
	oldest->older = arena->newest;
	arena->newest = other->newest;
	other->newest = NULL;
}

static struct arena_block *add_block(struct arena *arena, size_t least_bytes)
{
	size_t capacity = least_bytes > BLOCK_BYTES ? least_bytes : BLOCK_BYTES;
	struct arena_block *block = memory_alloc(1, sizeof *block + capacity);
	if (!block)
		return NULL;
	block->capacity_bytes = capacity;
	block->older = arena->newest;
	arena->newest = block;
	return block;
}

void *arena_alloc(struct arena *arena, size_t size_bytes)
{
	if (size_bytes > SIZE_MAX / 2)
		return NULL;
	size_t rounded = (size_bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
	struct arena_block *block = arena->newest;
	if (!block || block->capacity_bytes - block->used_bytes < rounded)
		block = add_block(arena, rounded);
	if (!block)
		return NULL;
	void *piece = block->data + block->used_bytes;
	block->used_bytes += rounded;
	return piece;
}

void *arena_grow(struct arena *arena, const void *items, size_t count, size_t item_bytes)
{
	assert(item_bytes > 0 && (items || count == 0));
	if (count & (count - 1))
		return (void *)items;
	if (count > SIZE_MAX / 2 / item_bytes)
		return NULL;
	void *larger = arena_alloc(arena, (count ? count * 2 : 1) * item_bytes);
	if (larger && count)
		memcpy(larger, items, count * item_bytes);
	return larger;
}

char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
	char *copy = arena_alloc(arena, length + 1);
	if (copy)
		memcpy(copy, text, length);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return arena_strndup(arena, text, strlen(text));
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	char *text = length < 0 ? NULL : arena_alloc(arena, (size_t)length + 1);
	if (!text)
		return NULL;
	va_start(args, format);
	vsnprintf(text, (size_t)length + 1, format, args);
	va_end(args);
	return text;
}
