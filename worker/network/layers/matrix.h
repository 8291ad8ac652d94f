/* Matrix products by OpenBLAS, row-major, with checked sizes. */
#ifndef WORKER_NETWORK_LAYERS_MATRIX_H
#define WORKER_NETWORK_LAYERS_MATRIX_H

#include "worker/network/layers/real.h"

/* C (m,n) = beta·C + op(A) (m,k) · op(B) (k,n). Strides are the lengths of stored rows: lda of A as
 * stored, and so on. */
struct product {
	size_t m, n, k;
	size_t lda, ldb, ldc;
	int transpose_a, transpose_b; /* A is stored (k,m); B is stored (n,k) */
	real alpha, beta;
};

/* Computes C as `product` says. Sizes must fit an int (asserted: tensors of a batch are far below).
 * Zero sizes do nothing. */
void matrix_multiply(real *c, const real *a, const real *b, const struct product *product);

#endif
