/* Loops over arrays of real that vectorise. Every `count` may be 0. */
#ifndef WORKER_NETWORK_LAYERS_VECTOR_H
#define WORKER_NETWORK_LAYERS_VECTOR_H

#include "worker/network/layers/real.h"

/* y = y + alpha·x. */
void vector_axpy(real *y, const real *x, real alpha, size_t count);

/* Σ x·y, Σ x. */
real vector_dot(const real *x, const real *y, size_t count);
real vector_sum(const real *x, size_t count);

/* In place tanh x. */
void vector_tanh(real *x, size_t count);

/* In place softmax of one row (count at least 1). */
void vector_softmax(real *x, size_t count);

/* Adds `bias` (columns) to each of `rows` rows of x (rows, columns). */
void vector_add_bias(real *x, const real *bias, size_t rows, size_t columns);

/* bias (columns) += column sums of x (rows, columns): the gradient of vector_add_bias. */
void vector_sum_rows(real *bias, const real *x, size_t rows, size_t columns);

#endif
