/* One step of Adafactor on one tensor (Shazeer & Stern 2018, alg. 4 and 5, with the step size
 * handed in instead of §8's):
 *   R_i ← β_i R_i + (1 − β_i) Σ_j (g_ij² + ε),  C_j ← β C_j + (1 − β) Σ_i (g_ij² + ε)       β = 1 − t^−0.8, ε = 1e-30
 *   v_ij = R_i · C_j / Σ C,  u = g / √v,  θ ← θ − η u / max(1, RMS(u)) − ηλθ
 * A vector is a matrix of one column: there v = R, a second moment of its own for every element
 * (alg. 5).
 *
 * When only some rows have a gradient, sums over i and the RMS are over these rows. The other rows'
 * R stands still, and t in β_i counts the steps that touched row i: R_i is the mean over the
 * batches that hold the row, and a row's first step is as long as those of the others. C counts all
 * steps. As the column factors enter by their shares only, this is alg. 4 itself when every step
 * touches every row. Legend: n rows, m columns. */
#ifndef WORKER_LEARNING_ADAFACTOR_H
#define WORKER_LEARNING_ADAFACTOR_H

#include <stddef.h>

#include "worker/network/layers/real.h"

struct adafactor {
	size_t rows, columns;           /* n, m */
	const int *touched;             /* (touched_count) the rows with a gradient; NULL = all */
	size_t touched_count;           /* n when all */
	size_t *updates;                /* (n) steps that touched the row, this one left out; NULL = as `steps` */
	size_t steps;                   /* of the tensor, this one left out */
	real *values, *gradient;        /* (n,m) */
	real *row_means, *column_means; /* R (n), C (m); 0 before the first step */
};

/* Makes the step of size `rate` with decay `decay`; counts row updates up, but not `steps`. */
void adafactor_step(const struct adafactor *tensor, real rate, real decay);

#endif
