/* Products with a matrix that is used many times. OpenBLAS copies both factors of every product
 * into an order in which its kernel reads them: for the few rows of a step of an LSTM that costs a
 * sixth of the product. Here the matrix is put into panels once, each all rows of a few
 * neighbouring columns, and the other factor is read where it lies (Goto & van de Geijn 2008,
 * "Anatomy of High-Performance Matrix Multiplication", §4). Every element is one sum in the order
 * of k, however the product is cut, so its bits depend on nothing but whether the processor fuses
 * multiplication and addition. */
#ifndef WORKER_NETWORK_LAYERS_PANELS_H
#define WORKER_NETWORK_LAYERS_PANELS_H

#include <stdbool.h>

#include "worker/network/layers/real.h"

struct panels {
	real *data;  /* panels_size reals, borrowed; fastest where it starts at a multiple of 64 bytes */
	size_t k, n; /* rows and columns of the matrix */
};

/* How many reals the panels of a matrix (k,n) take. */
size_t panels_size(size_t k, size_t n);

/* A matrix whose element (row, column) is data[row·row_stride + column·column_stride]. */
struct panels_part {
	const real *data;
	size_t rows, columns, row_stride, column_stride;
};

/* Puts the part's elements where the whole has them from (row, column) on. A whole is used once
 * parts have covered all of it. */
void panels_put(const struct panels *panels, const struct panels_part *part, size_t row, size_t column);

/* C (m,n) = start + A (m,k) · the matrix. Strides are from row to row: 0 repeats a row (a bias),
 * less than k lets rows of A overlap (windows of a sequence). start may be C itself, but nothing
 * else may overlap C; NULL counts as 0. */
struct panels_product {
	size_t m;
	const real *a, *start;
	real *c;
	size_t a_stride, start_stride, c_stride;
};
void panels_multiply(const struct panels *panels, const struct panels_product *product);

/* The code that panels_multiply takes is the last of these that panels_can, but AVX512 only where
 * OpenBLAS uses that: OPENBLAS_CORETYPE chooses for both. */
enum panels_code { PANELS_PLAIN, PANELS_AVX2, PANELS_AVX512, PANELS_CODE_COUNT };

/* Whether this processor, and this build, has what the code needs. */
bool panels_can(enum panels_code code);

/* panels_multiply by a code that panels_can. */
void panels_multiply_by(enum panels_code code, const struct panels *panels, const struct panels_product *product);

#endif
