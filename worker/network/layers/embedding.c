#include "worker/network/layers/embedding.h"

#include <assert.h>
#include <string.h>

#include "worker/network/layers/vector.h"

void embedding_forward(real *out, const real *table, const int *ids, const struct embedding_shape *shape, int add)
{
	size_t D = shape->width;
	assert(shape->stride >= D);
	for (size_t n = 0; n < shape->count; n++) {
		const real *row = table + (size_t)ids[n] * D;
		if (add)
			vector_axpy(out + n * shape->stride, row, 1, D);
		else
			memcpy(out + n * shape->stride, row, D * sizeof *out);
	}
}

void embedding_backward(real *d_table, const real *d_out, const int *ids, const struct embedding_shape *shape)
{
	for (size_t n = 0; n < shape->count; n++)
		if (ids[n] > 0)
			vector_axpy(
			        d_table + (size_t)ids[n] * shape->width, d_out + n * shape->stride, 1, shape->width);
}

void embedding_bags_forward(
        real *out, const real *table, const struct embedding_bags *bags, const struct embedding_shape *shape)
{
	for (size_t n = 0; n < shape->count; n++)
		for (int i = bags->starts[n]; i < bags->starts[n + 1]; i++)
			vector_axpy(
			        out + n * shape->stride, table + (size_t)bags->ids[i] * shape->width, 1, shape->width);
}

void embedding_bags_backward(
        real *d_table, const real *d_out, const struct embedding_bags *bags, const struct embedding_shape *shape)
{
	for (size_t n = 0; n < shape->count; n++)
		for (int i = bags->starts[n]; i < bags->starts[n + 1]; i++)
			if (bags->ids[i] > 0)
				vector_axpy(d_table + (size_t)bags->ids[i] * shape->width, d_out + n * shape->stride, 1,
				        shape->width);
}
