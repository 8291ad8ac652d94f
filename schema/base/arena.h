/* Memory with the life of a noun: many small pieces, one finish. */
#ifndef SCHEMA_BASE_ARENA_H
#define SCHEMA_BASE_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *newest; /* owned; chained to older blocks */
};

#define ARENA_NULL ((struct arena){0})

/* Frees every piece at once and leaves an empty arena; a zeroed arena is fine. */
void arena_finish(struct arena *arena);

/* Gives `arena` all that `other` holds, which is empty afterwards. */
void arena_take_over(struct arena *arena, struct arena *other);

/* Zeroed, 16-byte aligned piece of `size_bytes` that lives as long as the arena; NULL when out of
 * memory. */
void *arena_alloc(struct arena *arena, size_t size_bytes);

/* Room for one item more than the `count` of `items`, an array that the arena holds and that only
 * this function made room for (NULL when count is 0): the array, moved when `count` is 0 or a power
 * of two, then without freeing the old one. NULL when out of memory. For small arrays: on the heap,
 * array.h. */
void *arena_grow(struct arena *arena, const void *items, size_t count, size_t item_bytes);

/* Copy of `text` / of its first `length` bytes plus NUL / of the formatted text, in the arena; NULL
 * when out of memory. */
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
