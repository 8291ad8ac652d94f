/* The mean of the parameters over a training, which is used for predictions in their place.
 *   ema  a ← ρa + (1 − ρ)θ after every step; ρ = min(decay, (1 + t)/(10 + t)) at step t, so that the initial values are soon
 *        forgotten                                                          (Polyak & Juditsky 1992; ρ as in TensorFlow)
 *   swa  the plain mean of θ after epoch ⌈start · epochs⌉ (the first at the earliest) and every later one
 *                                                                              (Izmailov et al. 2018, alg. 1, cycle length 1)
 * Until swa begins, the parameters themselves are used. */
#ifndef WORKER_LEARNING_AVERAGE_H
#define WORKER_LEARNING_AVERAGE_H

#include "worker/network/parameters.h"

enum average_kind { AVERAGE_NONE, AVERAGE_EMA, AVERAGE_SWA };

struct average_options {
	int kind;     /* enum average_kind */
	double decay; /* ema */
	double start; /* swa: share of the epochs */
};

/* none, ema, swa; ended by NULL. */
extern const char *const average_names[];

/* All that a later step needs of earlier ones: `values` and `taken`. */
struct average {
	const struct average_options *options; /* borrowed */
	real *values;                          /* as parameters->values, NULL = none; owned */
	size_t taken;                          /* parameters in the mean so far */
};

struct average_epoch {
	size_t number, count; /* from 1 on, of so many */
};

#define AVERAGE_NULL ((struct average){0})

/* 0 or -ENOMEM (finish it all the same). */
int average_init(struct average *average, const struct parameters *parameters, const struct average_options *options);
void average_finish(struct average *average);

/* To be called after every step; `step` of them have been made. */
void average_step(struct average *average, const struct parameters *parameters, size_t step);

/* To be called at the end of every epoch. */
void average_epoch(struct average *average, const struct parameters *parameters, const struct average_epoch *epoch);

/* The values to predict with, laid out as parameters->values: the mean once there is one, else the
 * parameters themselves; borrowed. A zeroed average is fine. */
real *average_values(const struct average *average, const struct parameters *parameters);

#endif
