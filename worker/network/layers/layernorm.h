/* Layer normalisation (Ba, Kiros & Hinton 2016, eq. 4). Legend: N rows, D width. */
#ifndef WORKER_NETWORK_LAYERS_LAYERNORM_H
#define WORKER_NETWORK_LAYERS_LAYERNORM_H

#include "worker/network/layers/real.h"

#define LAYERNORM_EPSILON 1e-5

struct layernorm_shape {
	size_t rows, width; /* N, D */
	double epsilon;     /* added to the variance; 0 = LAYERNORM_EPSILON */
};

/* out (N,D) = gain·(in − mean)/√(variance + epsilon) + bias; normal (N,D) and inverse_sd (N)
 * are left for the backward pass. */
struct layernorm {
	real *out, *normal, *inverse_sd;
	const real *in, *gain, *bias;
};
void layernorm_forward(const struct layernorm *pass, const struct layernorm_shape *shape);

/* Adds to d_in (N,D), d_gain (D), d_bias (D) from d_out (N,D). */
void layernorm_backward(real *d_in, real *const d_parameters[2], const real *d_out, const struct layernorm *pass,
        const struct layernorm_shape *shape);

/* The same, but d_in is written, and may be d_out; d_gain or d_bias may be NULL. */
void layernorm_backward_alone(real *d_in, real *const d_parameters[2], const real *d_out, const struct layernorm *pass,
        const struct layernorm_shape *shape);

#endif
