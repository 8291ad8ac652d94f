/* Masses of many normal distributions at once. */
#ifndef DAEMON_SAMPLERS_NORMAL_MASSES_H
#define DAEMON_SAMPLERS_NORMAL_MASSES_H

#include <stddef.h>

/* For many normals (mus, sigmas) at once: ln mass of each in [left, right], at least -1e300; (count) each. About 1e-13 of the
 * mass relative to the smallest that a cell of width σ/100 has: for sums of densities, where prior kernels bound the rest. */
void normal_log_masses(double *out, double left, double right, const double *mus, const double *sigmas, size_t count);

#endif
