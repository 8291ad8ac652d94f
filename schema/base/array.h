/* Growth of arrays: capacities double, so that adding items one by one moves each of them about
 * once. Arrays come from memory.h (NULL = none yet) and are freed with memory_free; a capacity
 * counts the rows that there is room for. New items are not zeroed. */
#ifndef SCHEMA_BASE_ARRAY_H
#define SCHEMA_BASE_ARRAY_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

/* Makes room for `count` items; `capacity` points to the array's. 0, or -ENOMEM and both stay as
 * they are. The arguments are evaluated more than once. */
#define array_reserve(items, capacity, count) array_reserve_rows(items, capacity, count, 1)

/* As array_reserve, for `count` rows of `width` items each. */
#define array_reserve_rows(items, capacity, count, width)                                                              \
	((count) <= *(capacity) ? 0                                                                                    \
	                        : ((items) = array_grow((items), (capacity), (count), (width) * sizeof *(items)),      \
	                                  (count) <= *(capacity) ? 0 : -ENOMEM))

/* Several arrays of one capacity: growth is begun, every array resized, and the growth ended. */
struct array_growth {
	size_t capacity; /* that the arrays get */
	bool failed;     /* one of them could not */
};

/* Begins to make room for `count` rows where there is room for `capacity`. */
struct array_growth array_growth_begin(size_t capacity, size_t count);

/* Resizes one of the arrays, whose rows have `width` items; without memory it stays and the growth
 * has failed. */
#define array_resize(items, growth, width) ((items) = array_resized((items), (growth), (width) * sizeof *(items)))

/* Sets the capacity when every array has it. 0, or -ENOMEM. */
int array_growth_end(size_t *capacity, const struct array_growth *growth);

/* What the macros do: the array, moved or not. */
void *array_grow(void *items, size_t *capacity, size_t count, size_t row_bytes);
void *array_resized(void *items, struct array_growth *growth, size_t row_bytes);

#endif
