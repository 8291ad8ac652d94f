#include "worker/network/packed_attention.h"

#include <stdbool.h>

#include "worker/network/layers/self_attention.h"

void packed_attention_plan(
        struct packed_attention *attention, struct workspace *workspace, const struct packing *packing)
{
	const size_t D = attention->width;
	attention->qkv = workspace_take(workspace, packing->rows * 3 * D);
	attention->out = workspace_take(workspace, packing->rows * D);
	attention->weights = workspace_take(workspace, packing->squares * attention->heads);
	attention->scratch = workspace_take(workspace, 2 * packing->longest * packing->longest);
}

/* Moves to the next sentence: *row is its first row, shape->place its first weight. */
static bool next(struct self_attention_shape *shape, size_t *row, const struct packing *packing, size_t b)
{
	if (b == packing->sentences)
		return false;
	shape->place += b > 0 ? shape->heads * shape->tokens * shape->tokens : 0;
	shape->tokens = (size_t)(packing->starts[b + 1] - packing->starts[b]);
	*row = (size_t)packing->starts[b];
	return true;
}

static struct self_attention_shape shape_of(const struct packed_attention *attention)
{
	return (struct self_attention_shape){0, attention->heads, attention->width, attention->dropout, 0};
}

void packed_attention_forward(const struct packed_attention *attention, const struct packing *packing)
{
	const size_t D = attention->width;
	struct self_attention_shape shape = shape_of(attention);
	for (size_t b = 0, row; next(&shape, &row, packing, b); b++) {
		const struct self_attention_forward pass = {attention->out + row * D, attention->weights + shape.place,
		        attention->scratch, attention->qkv + row * 3 * D};
		self_attention_forward(&pass, &shape);
	}
}

void packed_attention_backward(
        const struct packed_attention *attention, const struct packing *packing, real *d_qkv, const real *d_out)
{
	const size_t D = attention->width;
	struct self_attention_shape shape = shape_of(attention);
	for (size_t b = 0, row; next(&shape, &row, packing, b); b++) {
		const struct self_attention_backward pass = {d_qkv + row * 3 * D, attention->scratch, d_out + row * D,
		        attention->weights + shape.place, attention->qkv + row * 3 * D};
		self_attention_backward(&pass, &shape);
	}
}
