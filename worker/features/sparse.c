#include "worker/features/sparse.h"

#include <assert.h>
#include <errno.h>

#include "schema/base/array.h"
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
	if (array_reserve(sparse->starts, &sparse->row_capacity, sparse->rows + 2) < 0)
		return -ENOMEM;
	if (sparse->rows++ == 0)
		sparse->starts[0] = 0;
	sparse->starts[sparse->rows] = sparse->starts[sparse->rows - 1];
	return 0;
}

static int grow(struct sparse *sparse)
{
	struct array_growth growth = array_growth_begin(sparse->capacity, sparse->capacity + 1);
	array_resize(sparse->columns, &growth, 1);
	array_resize(sparse->values, &growth, 1);
	return array_growth_end(&sparse->capacity, &growth);
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
