/* Steps down the gradient. Symbols: g gradient, θ parameters, η step size, λ decay.
 *   sgd    m ← μm + g + λθ,  θ ← θ − ηm
 *   adam   g ← g + λθ, m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², θ ← θ − η·m̂/(√v̂ + 1e-8)    (Kingma & Ba 2015, alg. 1)
 *   adamw  the same, but θ ← θ − ηλθ instead of g + λθ                            (Loshchilov & Hutter 2019, alg. 2)
 *   lion   θ ← θ − η(sign(β₁m + (1 − β₁)g) + λθ), m ← β₂m + (1 − β₂)g                  (Chen et al. 2023, alg. 2)
 *   adafactor  second moments by rows and columns, no first ones                            (see adafactor.h)
 *
 * Of tensors whose gradients are sparse by row, only rows that the batch touched move: the others'
 * moments stand still meanwhile. A tensor's own rate (parameters.h) scales its steps; one that is
 * frozen has no moments and no part in the gradient's length; one that rests keeps its moments.
 *
 * All that a later step needs of earlier ones: `steps`, `begun`, `first` and `second` (reals, as
 * the tensors that move), and for adafactor `updates` of every sparse tensor. Adafactor keeps a
 * tensor's R at the start of its second moments and C at the start of its first ones. */
#ifndef WORKER_LEARNING_OPTIMIZER_H
#define WORKER_LEARNING_OPTIMIZER_H

#include <stdint.h>

#include "worker/network/arrays.h"
#include "worker/network/parameters.h"

struct optimizer_options {
	int kind; /* index into optimizer_names */
	double weight_decay;
	double momentum;     /* sgd: μ */
	double beta1, beta2; /* adam, adamw, lion */
	double clip;         /* longest gradient; 0 = any */
	double feature_rate; /* step size of sparse features, in those of the others */
};

/* sgd, adam, adamw, lion, adafactor; ended by NULL. */
extern const char *const optimizer_names[];

/* Rows of one sparse tensor that the batch touched, each once. */
struct touched {
	int *rows;        /* (count), owned */
	uint32_t *stamps; /* (rows of the tensor) batch that touched the row last; owned */
	size_t *updates;  /* (rows of the tensor) steps of adafactor that moved the row; of optimizer::own */
	size_t count;
	uint32_t batch;
};

struct optimizer {
	const struct optimizer_options *options; /* borrowed */
	struct parameters *parameters;           /* borrowed */
	struct arrays own;                       /* the arrays below that steps change; data owned */
	real *first, *second;                    /* moments of the tensors that move, one behind the other */
	size_t *places;                          /* (tensors) where each one's moments begin; owned */
	struct touched *touched;                 /* (tensors), used by sparse ones that move; owned */
	size_t steps, begun;                     /* begun: of these, before the moments began */
};

/* The tensors' rates stay as they are from now on. 0 or -ENOMEM (finish it all the same). */
int optimizer_init(struct optimizer *optimizer, struct parameters *parameters, const struct optimizer_options *options);
void optimizer_finish(struct optimizer *optimizer);

/* Lists what steps change, by address; between two steps that is the whole state. out->failed tells
 * of memory. */
void optimizer_state(struct arrays *out, struct optimizer *optimizer);

/* Forgets what earlier steps left for later ones: for tensors that have rested. */
void optimizer_begin_again(struct optimizer *optimizer);

/* Says which rows (ids, count; repeats are fine) of a sparse tensor will have a gradient; of a
 * frozen or resting one nothing is noted. */
void optimizer_touch(struct optimizer *optimizer, size_t tensor, const int *ids, size_t count);

/* Clips the gradient, steps at size `rate`, and zeroes the gradient. Returns the gradient's length
 * before clipping; when that is no number, nothing but the gradient changes. */
double optimizer_step(struct optimizer *optimizer, double rate);

#endif
