/* What rows weigh in the loss, by their class. Legend: n_c rows of class c, N rows, K classes.
 *   none              1
 *   inverse           1 / n_c
 *   effective_number  (1 − β) / (1 − β^n_c)                                     (Cui et al. 2019, eq. 4)
 * times α, but 1 − α for the background, which is the class of most rows (Lin et al. 2017, eq. 3; α
 * = ½ changes nothing). All are scaled to a mean of 1 over the rows. */
#ifndef WORKER_LEARNING_CLASS_WEIGHTS_H
#define WORKER_LEARNING_CLASS_WEIGHTS_H

#include <stddef.h>

#include "worker/text/row.h"

struct class_weights_options {
	int kind;     /* index into class_weights_names */
	double beta;  /* β, below 1 */
	double alpha; /* α, between 0 and 1 */
};

/* none, inverse, effective_number; ended by NULL. */
extern const char *const class_weights_names[];

/* Fills weights (count); classes that no row has weigh nothing. */
void class_weights_fill(
        float *weights, size_t count, const struct text_rows *rows, const struct class_weights_options *options);

#endif
