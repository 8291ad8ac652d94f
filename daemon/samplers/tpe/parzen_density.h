/* Densities of a Parzen estimator: nearly all the time that TPE takes, candidates × kernels ×
 * dimensions. Kernels are processed in blocks that stay in the caches; those that are too far away
 * to count are left out as soon as a dimension shows it. The inner loops have no branches and no
 * calls, so that the compiler turns them into vector instructions. Contraction is off (c_std=c11):
 * all clones of a function give the same bits, and a study continues in the same way on another
 * machine. */
#ifndef DAEMON_SAMPLERS_TPE_PARZEN_DENSITY_H
#define DAEMON_SAMPLERS_TPE_PARZEN_DENSITY_H

#include "daemon/samplers/tpe/parzen.h"

/* ln density at the point `x` (dim_count) into *out. Densities of log parameters are in ln x; of
 * discrete ones, masses of cells. 0 or -ENOMEM. */
int parzen_log_density(double *out, struct parzen *parzen, const double *x);

/* The same, but what is larger than `enough` may be any number between `enough` and itself: kernels
 * are added until it is. */
int parzen_log_density_up_to(double *out, struct parzen *parzen, const double *x, double enough);

#endif
