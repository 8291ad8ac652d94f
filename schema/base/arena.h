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

/* Zeroed, 16-byte aligned piece of `size_bytes` that lives as long as the arena; NULL when out of memory. */
void *arena_alloc(struct arena *arena, size_t size_bytes);

/* Copy of `text` / of its first `length` bytes plus NUL / of the formatted text, in the arena; NULL when out of memory. */
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
