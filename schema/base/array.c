#include "schema/base/array.h"

#include <assert.h>
#include <stdint.h>

#include "schema/base/memory.h"

#define LEAST_ROWS 16

struct array_growth array_growth_begin(size_t capacity, size_t count)
{
	assert(count > capacity);
	size_t doubled = capacity > SIZE_MAX / 2 ? SIZE_MAX : 2 * capacity;
	doubled = doubled < LEAST_ROWS ? LEAST_ROWS : doubled;
	return (struct array_growth){.capacity = doubled < count ? count : doubled};
}

void *array_resized(void *items, struct array_growth *growth, size_t row_bytes)
{
	void *moved = memory_resize(items, growth->capacity, row_bytes);
	growth->failed |= !moved;
	return moved ? moved : items;
}

int array_growth_end(size_t *capacity, const struct array_growth *growth)
{
	if (growth->failed)
		return -ENOMEM;
	*capacity = growth->capacity;
	return 0;
}

void *array_grow(void *items, size_t *capacity, size_t count, size_t row_bytes)
{
	struct array_growth growth = array_growth_begin(*capacity, count);
	void *moved = array_resized(items, &growth, row_bytes);
	(void)array_growth_end(capacity, &growth);
	return moved;
}
