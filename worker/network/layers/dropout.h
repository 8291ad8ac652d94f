/* Dropout without a mask in memory: whether an element stays is a hash of its place and of a
 * key that was drawn, so the backward pass finds the same again. */
#ifndef WORKER_NETWORK_LAYERS_DROPOUT_H
#define WORKER_NETWORK_LAYERS_DROPOUT_H

#include "schema/base/rng.h"
#include "worker/network/layers/real.h"

/* Inverted dropout (Srivastava et al. 2014, §10): an element stays with probability 1 − rate,
 * scaled by 1/(1 − rate). */
struct dropout {
	double rate; /* in [0,1); 0 = nothing is dropped */
	uint64_t key;
};

/* One pass's dropout; none without a generator. */
struct dropout dropout_draw(double rate, struct rng *rng);

/* out = x or 0, scaled, for `range[1]` elements of an array whose element range[0] is x[0]. out may
 * be x. Forward for values, backward for gradients. */
void dropout_apply(real *out, const real *x, const struct dropout *dropout, const size_t range[2]);

/* out = dropout of out + residual, for whole arrays. */
void dropout_add(real *out, const real *residual, const struct dropout *dropout, size_t count);

#endif
