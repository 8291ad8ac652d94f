/* The covariances among a Gaussian process's own points (gp_kernel.h), and how they change with
 * θ. Of a pair of points the dimensions lie side by side, so that loops over them become vector
 * instructions. Legend: n points, d dimensions. */
#ifndef DAEMON_SAMPLERS_GP_GP_PAIRS_H
#define DAEMON_SAMPLERS_GP_GP_PAIRS_H

#include "daemon/samplers/gp/gp_kernel.h"

struct gp_pairs {
	size_t d, width; /* dimensions, and those filled up to whole vectors */
	double *rows;    /* (·, width) what there is once for each dimension */
	double *points;  /* (n, ·, width) coordinates and what they have of the second part by themselves */
	double *roots;   /* (n(n + 1)/2) √5 r of the first part, one point after another */
	/* Of one point and those from itself on; scratch. */
	double *terms;  /* (n, ·, width) */
	double *sums;   /* (·, width) */
	double *shares; /* (2, n) */
	double *values; /* (n) */
};

/* Room for n points. 0 or -ENOMEM. */
int gp_pairs_init(struct gp_pairs *pairs, size_t n, size_t d);
void gp_pairs_finish(struct gp_pairs *pairs);

/* The lower triangle of `matrix` (n, n), column by column: the covariances of the kernel's n
 * points. */
void gp_pairs_matrix(double *matrix, struct gp_pairs *pairs, const struct gp_kernel *kernel);

/* gradient (2d + 3, noise left alone) += Σ_i share_i ∂k(point j, point i)/∂θ over the points i
 * from j on, as the last gp_pairs_matrix found them. `share` counts from j on. */
void gp_pairs_by_theta(
        double *gradient, struct gp_pairs *pairs, const struct gp_kernel *kernel, size_t j, const double *share);

#endif
