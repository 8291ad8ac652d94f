#include "worker/features/sparse.h"

#include <assert.h>
#include <errno.h>

#include "schema/base/memory.h"

void sparse_finish(struct sparse *sparse)
{
	memory_free(sparse->starts);
	memory_free(sparse->columns);
	memory_free(sparse->values);
	*sparse = SPARSE_NULL;
}

int sparse_add_row(struct sparse *sparse)
{
	if (sparse->rows + 2 > sparse->row_capacity) {
		size_t capacity = sparse->row_capacity ? sparse->row_capacity * 2 : 256;
		size_t *starts = memory_resize(sparse->starts, capacity, sizeof *starts);
		if (!starts)
			return -ENOMEM;
		if (!sparse->starts)
			starts[0] = 0;
		sparse->starts = starts;
		sparse->row_capacity = capacity;
	}
	sparse->rows++;
	sparse->starts[sparse->rows] = sparse->starts[sparse->rows - 1];
	return 0;
}

static int grow(struct sparse *sparse)
{
	size_t capacity = sparse->capacity ? sparse->capacity * 2 : 65536;
	uint32_t *columns = memory_resize(sparse->columns, capacity, sizeof *columns);
	if (!columns)
		return -ENOMEM;
	sparse->columns = columns;
	float *values = memory_resize(sparse->values, capacity, sizeof *values);
	if (!values)
		return -ENOMEM;
	sparse->values = values;
	sparse->capacity = capacity;
	return 0;
}

int sparse_add(struct sparse *sparse, uint32_t column, float value)
{
	assert(sparse->rows > 0);
	size_t *end = &sparse->starts[sparse->rows];
	if (*end == sparse->capacity && grow(sparse) < 0)
		return -ENOMEM;
	sparse->columns[*end] = column;
	sparse->values[*end] = value;
	++*end;
	return 0;
}
