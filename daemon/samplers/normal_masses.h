/* Masses of many normal distributions at once. */
#ifndef DAEMON_SAMPLERS_NORMAL_MASSES_H
#define DAEMON_SAMPLERS_NORMAL_MASSES_H

#include <stddef.h>

struct normals {
	const double *mus, *sigmas; /* (count) */
	size_t count;
};

/* Fills out (count) with the ln mass of each normal in the interval [left, right], at least -1e300.
 * About 1e-13 of the mass relative to the smallest that a cell of width σ/100 has: for sums of
 * densities, where prior kernels bound the rest. */
void normal_log_masses(double *out, const double interval[2], const struct normals *normals);

#endif
