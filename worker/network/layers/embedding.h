/* Embedding tables: rows gathered forward, gradients scattered backward. Row 0 is padding and stays
 * zero. Legend: N places, D width, V rows of the table. */
#ifndef WORKER_NETWORK_LAYERS_EMBEDDING_H
#define WORKER_NETWORK_LAYERS_EMBEDDING_H

#include "worker/network/layers/real.h"

struct embedding_shape {
	size_t count, width; /* N, D */
	size_t stride; /* of out: a row of out may be wider than D, so that several embeddings stand side by side */
};

/* out[n] (D, every `stride`) = table[ids[n]]; with `add` it is added to what is there. */
void embedding_forward(real *out, const real *table, const int *ids, const struct embedding_shape *shape, int add);

/* d_table[ids[n]] += d_out[n]; padding gets nothing. */
void embedding_backward(real *d_table, const real *d_out, const int *ids, const struct embedding_shape *shape);

/* Sums of rows, for places that have any number of them: out[n] += Σ table[ids[i]], i from
 * starts[n] to starts[n + 1] (N + 1). */
struct embedding_bags {
	const int *ids, *starts;
};
void embedding_bags_forward(
        real *out, const real *table, const struct embedding_bags *bags, const struct embedding_shape *shape);

/* d_table[ids[i]] += d_out[n]; padding gets nothing. */
void embedding_bags_backward(
        real *d_table, const real *d_out, const struct embedding_bags *bags, const struct embedding_shape *shape);

#endif
