/* Several right sides of one triangle at once, side by side as vectors. Each has the same bits
 * wherever it stands and whatever stands beside it. */
#ifndef DAEMON_SAMPLERS_GP_GP_SOLVER_H
#define DAEMON_SAMPLERS_GP_GP_SOLVER_H

#include <stddef.h>

#define GP_SIDES 8 /* as many numbers as the widest vectors hold */

/* sides (n, GP_SIDES) = L⁻¹ sides, in place; L (n, n) is lower, column by column, its columns
 * `stride` apart. */
void gp_solver_run(double *sides, const double *factor, size_t stride, size_t n);

/* inverse = L⁻¹, both (n, n), lower, column by column; `sides` (n, GP_SIDES) is scratch. */
void gp_solver_invert(double *inverse, const double *factor, double *sides, size_t n);

/* sums[s] = Σ_i weight_i side_s,i; without weights, Σ_i side_s,i². */
void gp_solver_sum(double sums[GP_SIDES], const double *sides, const double *weights, size_t n);

#endif
