#include "worker/network/packing.h"

#include <assert.h>
#include <assert.h>
#include <string.h>

#include "worker/network/layers/vector.h"

void packing_plan(struct packing *packing, struct workspace *workspace, const struct batch *batch)
{
	const size_t B = batch->sentences, T = batch->tokens;
	int *starts = workspace_take_ints(workspace, B + 1);
	*packing = (struct packing){.sentences = B, .starts = starts};
	for (size_t b = 0; b < B; b++) {
		const size_t length = starts ? (size_t)batch->lengths[b] : T;
		if (starts)
			starts[b] = (int)packing->rows;
		packing->rows += length;
		packing->pairs += length * length;
		packing->longest = length > packing->longest ? length : packing->longest;
	}
	if (starts)
		starts[B] = (int)packing->rows;
}

void packing_narrow(
        struct packing *narrow, struct workspace *workspace, const struct packing *whole, const struct wanted *wanted)
{
	const size_t B = whole->sentences, most = B * wanted->most;
	int *taken = workspace_take_ints(workspace, most);
	*narrow =
	        (struct packing){.sentences = B, .rows = most, .longest = wanted->most, .pairs = most * whole->longest};
	if (!taken || !wanted->starts)
		return;
	narrow->rows = (size_t)wanted->starts[B];
	narrow->pairs = 0;
	narrow->starts = wanted->starts;
	narrow->tokens = wanted->tokens;
	narrow->taken = taken;
	for (size_t b = 0; b < B; b++)
		for (int i = wanted->starts[b]; i < wanted->starts[b + 1]; i++) {
			taken[i] = whole->starts[b] + wanted->tokens[i];
			assert(taken[i] >= whole->starts[b] && taken[i] < whole->starts[b + 1]);
			assert(taken[i] >= whole->starts[b] && taken[i] < whole->starts[b + 1]);
			narrow->pairs += (size_t)(whole->starts[b + 1] - whole->starts[b]);
		}
}

void packing_take(real *out, const real *in, const struct packing *narrow, size_t width)
{
	for (size_t i = 0; i < narrow->rows; i++)
		memcpy(out + i * width, in + (size_t)narrow->taken[i] * width, width * sizeof *out);
}

void packing_give(real *out, const real *in, const struct packing *narrow, size_t width)
{
	for (size_t i = 0; i < narrow->rows; i++)
		vector_axpy(out + (size_t)narrow->taken[i] * width, in + i * width, 1, width);
}

/* What lies together in a padded array and in a packed one: where, and how many reals. */
struct stretch {
	size_t padded, packed, count;
};

/* The one that begins with this row, of sentence b; *row moves after it. */
static struct stretch next_stretch(size_t *row, const struct packing *packing, size_t b, const size_t shape[2])
{
	const size_t start = *row, end = packing->tokens ? start + 1 : (size_t)packing->starts[b + 1];
	const size_t token = packing->tokens ? (size_t)packing->tokens[start] : 0;
	*row = end;
	return (struct stretch){(b * shape[0] + token) * shape[1], start * shape[1], (end - start) * shape[1]};
}

void packing_gather(real *out, const real *in, const struct packing *packing, const size_t shape[2])
{
	for (size_t b = 0, row = 0; b < packing->sentences; b++)
		while (row < (size_t)packing->starts[b + 1]) {
			const struct stretch stretch = next_stretch(&row, packing, b, shape);
			memcpy(out + stretch.packed, in + stretch.padded, stretch.count * sizeof *out);
		}
}

void packing_scatter(real *out, const real *in, const struct packing *packing, const size_t shape[2])
{
	for (size_t b = 0, row = 0; b < packing->sentences; b++) {
		size_t filled = b * shape[0] * shape[1];
		while (row < (size_t)packing->starts[b + 1]) {
			const struct stretch stretch = next_stretch(&row, packing, b, shape);
			memset(out + filled, 0, (stretch.padded - filled) * sizeof *out);
			memcpy(out + stretch.padded, in + stretch.packed, stretch.count * sizeof *out);
			filled = stretch.padded + stretch.count;
		}
		memset(out + filled, 0, ((b + 1) * shape[0] * shape[1] - filled) * sizeof *out);
	}
}
