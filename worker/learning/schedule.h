/* How the step size changes over a training. */
#ifndef WORKER_LEARNING_SCHEDULE_H
#define WORKER_LEARNING_SCHEDULE_H

#include <stddef.h>

/* constant, linear, cosine, one_cycle, inverse_sqrt; ended by NULL. */
extern const char *const schedule_names[];

/* The factor (0 to 1) of the step size at step `step` (from 0) of `steps`, the first `warmup`
 * (share of all) of which rise linearly. one_cycle falls to 1/10,000 along a cosine (Smith & Topin
 * 2018); inverse_sqrt is √(w / step) with w the warm-up steps (Vaswani et al. 2017, eq. 3). */
double schedule_factor(int schedule, size_t step, size_t steps, double warmup);

#endif
