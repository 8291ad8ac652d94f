#include "worker/network/packing.h"

#include <string.h>

void packing_plan(struct packing *packing, struct workspace *workspace, const struct batch *batch)
{
	const size_t B = batch->sentences, T = batch->tokens;
	*packing = (struct packing){.sentences = B, .starts = workspace_take_ints(workspace, B + 1)};
	for (size_t b = 0; b < B; b++) {
		const size_t length = packing->starts ? (size_t)batch->lengths[b] : T;
		if (packing->starts)
			packing->starts[b] = (int)packing->rows;
		packing->rows += length;
		packing->squares += length * length;
		packing->longest = length > packing->longest ? length : packing->longest;
	}
	if (packing->starts)
		packing->starts[B] = (int)packing->rows;
}

/* Where sentence b lies in a padded array of rows and in a packed one. */
struct place {
	size_t padded, packed, count; /* reals */
};

static struct place place_of(const struct packing *packing, size_t b, const size_t shape[2])
{
	const size_t start = (size_t)packing->starts[b], end = (size_t)packing->starts[b + 1];
	return (struct place){b * shape[0] * shape[1], start * shape[1], (end - start) * shape[1]};
}

void packing_gather(real *out, const real *in, const struct packing *packing, const size_t shape[2])
{
	for (size_t b = 0; b < packing->sentences; b++) {
		const struct place place = place_of(packing, b, shape);
		memcpy(out + place.packed, in + place.padded, place.count * sizeof *out);
	}
}

void packing_scatter(real *out, const real *in, const struct packing *packing, const size_t shape[2])
{
	for (size_t b = 0; b < packing->sentences; b++) {
		const struct place place = place_of(packing, b, shape);
		memcpy(out + place.padded, in + place.packed, place.count * sizeof *out);
		memset(out + place.padded + place.count, 0, (shape[0] * shape[1] - place.count) * sizeof *out);
	}
}
