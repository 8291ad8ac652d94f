/* Order among points with several losses: domination, ranks, hypervolume. All losses are to be
 * minimised. */
#ifndef DAEMON_SAMPLERS_PARETO_H
#define DAEMON_SAMPLERS_PARETO_H

#include <stdbool.h>
#include <stddef.h>

/* True when `a` (k) is nowhere worse and somewhere better than `b`. */
bool pareto_dominates(const double *a, const double *b, size_t k);

/* Ranks of non-domination, 0 = the front (Deb et al. 2002, "A fast and elitist multiobjective
 * genetic algorithm: NSGA-II"). `losses` (count, k) → `ranks` (count). Points past the first
 * `enough` may all get one common last rank. 0 or -ENOMEM. */
int pareto_ranks(size_t *ranks, const double *losses, size_t count, size_t k, size_t enough);

/* Volume dominated by `losses` (count, k) inside `reference` (k) (While, Bradstreet & Barone 2012,
 * "A fast way of calculating exact hypervolumes"). Points not inside count nothing; an infinite
 * loss gives INFINITY. 0 or -ENOMEM. */
int pareto_hypervolume(double *out, const double *losses, size_t count, size_t k, const double *reference);

/* Places 0, 1, 2 … of the best `enough` points in `places` (count), later ones get `count`: by
 * rank; the rank that does not fit whole is filled greedily by hypervolume contribution (Guerreiro,
 * Fonseca & Paquete 2016). 0 or -ENOMEM. */
int pareto_places(double *places, const double *losses, size_t count, size_t k, size_t enough);

#endif
