/* Fully connected layer. Legend: N rows, I inputs, O outputs. */
#ifndef WORKER_NETWORK_LAYERS_AFFINE_H
#define WORKER_NETWORK_LAYERS_AFFINE_H

#include "worker/network/layers/real.h"

struct affine_shape {
	size_t rows, in, out; /* N, I, O */
};

/* out (N,O) = in (N,I) · weight (O,I)' + bias (O). */
void affine_forward(real *out, const real *in, const real *weight, const real *bias, const struct affine_shape *shape);

/* Adds to the gradients: d_weight (O,I), d_bias (O); either may be NULL. */
void affine_backward_weight(
        real *d_weight, real *d_bias, const real *d_out, const real *in, const struct affine_shape *shape);

/* Writes d_in (N,I) = d_out (N,O) · weight (O,I); with `add` it is added to what is there. */
void affine_backward_input(
        real *d_in, const real *d_out, const real *weight, const struct affine_shape *shape, int add);

#endif
