/* Pointwise nonlinearities and dropout. */
#ifndef WORKER_NETWORK_LAYERS_ACTIVATION_H
#define WORKER_NETWORK_LAYERS_ACTIVATION_H

#include "schema/base/rng.h"
#include "worker/network/layers/real.h"

/* GELU, tanh form (Hendrycks & Gimpel 2016, §2): out = x/2·(1 + tanh(√(2/π)(x + 0.044715 x³))); x
 * becomes the slope gelu'(x) for the backward pass. */
void gelu_forward(real *out, real *x, size_t count);

/* d_x = d_out · slope, written. d_x may be d_out. */
void gelu_backward(real *d_x, const real *d_out, const real *slope, size_t count);

/* The functions that pretrained encoders use: GELU by the error function and in its tanh form,
 * max(x, 0), tanh. */
enum activation_kind { ACTIVATION_GELU, ACTIVATION_GELU_TANH, ACTIVATION_RELU, ACTIVATION_TANH };

/* Applies one of them as gelu_forward does: gelu_backward is the way back from each. */
void activation_forward(enum activation_kind kind, real *out, real *x, size_t count);

/* The kind that a pretrained encoder's config calls so ("gelu", "gelu_new", "relu" …); -1 =
 * none of ours. */
int activation_find(const char *name);

/* Inverted dropout (Srivastava et al. 2014, §10): each element stays with probability 1 − rate,
 * scaled by 1/(1 − rate). Fills mask (count) with 0 or that scale and multiplies x by it. rate in
 * [0,1). */
void dropout_forward(real *x, real *mask, double rate, size_t count, struct rng *rng);

/* d_x = d_x · mask, in place. */
void dropout_backward(real *d_x, const real *mask, size_t count);

#endif
