/* Crossovers of genetic search: how the numbers of a child come from those of its parents. Names
 * and defaults are Optuna's.
 *
 * Legend: p parents, n numbers, each a place in its range (unit.h); η distribution index. */
#ifndef DAEMON_SAMPLERS_NSGA2_CROSSOVER_H
#define DAEMON_SAMPLERS_NSGA2_CROSSOVER_H

#include <stddef.h>

#include "schema/base/rng.h"

#define CROSSOVER_PARENTS_AT_MOST 3

/* The parents of one child. */
struct parent_numbers {
	size_t n;
	const double *numbers[CROSSOVER_PARENTS_AT_MOST]; /* (p)(n), borrowed */
	double eta;                                       /* sbx, vsbx: larger = nearer to the parents */
};

struct crossover {
	const char *name;
	size_t parent_count; /* p */
	/* Fills child (n); may leave the cube. NULL for uniform, which treats numbers as it does
	 * categories. */
	void (*breed)(double *child, const struct parent_numbers *parents, struct rng *rng);
};

/* The crossover of that name: uniform, blx_alpha, sbx, vsbx, spx or undx (asserted). */
const struct crossover *crossover_find(const char *name);

/* Fills child (n) with places inside 0 … 1: what the crossover (one that breeds) gives, drawn anew
 * while it leaves the cube, at last cut to it. */
void crossover_breed(
        double *child, const struct crossover *crossover, const struct parent_numbers *parents, struct rng *rng);

#endif
