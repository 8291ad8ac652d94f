/* The covariance of a Gaussian process on the unit cube: how alike two points are, as a sum
 * of two parts,
 *
 *   k(a, b) = s · M(Σ_k ι_k g_k²) + t/d · Σ_k M(κ_k g_k²),   M(r²) = (1 + √5 r + 5/3 r²) exp(−√5 r),
 *
 * a Matérn 5/2 over all dimensions together and one over each by itself (Duvenaud, Nickisch &
 * Rasmussen 2011, "Additive Gaussian Processes", first order): what parameters do each on their own
 * is learnt from few points. Gaps g are differences; of categories 0 or 1. Legend: n points, d
 * dimensions; ι, κ inverse squared length scales; s, t variances. */
#ifndef DAEMON_SAMPLERS_GP_GP_KERNEL_H
#define DAEMON_SAMPLERS_GP_GP_KERNEL_H

#include <stdbool.h>
#include <stddef.h>

/* Places in the vector θ of hyperparameters: ln ι (d), ln κ (d), ln s, ln t, ln noise variance. */
#define GP_JOINT_RATE(d, k) (k)
#define GP_OWN_RATE(d, k) ((d) + (k))
#define GP_JOINT_SIGNAL(d) (2 * (d))
#define GP_OWN_SIGNAL(d) (2 * (d) + 1)
#define GP_NOISE(d) (2 * (d) + 2)
#define GP_THETA_COUNT(d) (2 * (d) + 3)

/* Where a point is in one dimension, and what that has of the second part by itself. */
struct gp_place {
	double x; /* NAN = nowhere */
	double rise, fall;
};

struct gp_kernel {
	size_t n, d;
	const bool *categorical; /* (d) borrowed */
	const double *x;         /* (n, d) borrowed; categories: index */
	bool alone;              /* the second part is left out: one dimension has no need of it */
	/* Set by gp_kernel_prepare. */
	double *columns;     /* (d, ·, n) the points, a dimension at a time, as gp_matern.h keeps coordinates */
	double *joint, *own; /* (d) ι, κ */
	double *scales;      /* (d) √(5κ) */
	double joint_signal; /* s */
	double own_signal;   /* t/d; 0 when alone */
	/* Of the last x, and what each of its dimensions gave, which the next one may share. */
	struct gp_place *last;       /* (d) */
	double *squares, *terms;     /* (d, n) 5ι gap²; t/d · M */
	double *roots, *joint_falls; /* (n) √5 r of the first part, and exp of what is below 0 by as much */
	double *slopes;              /* (4, n) scratch */
};

/* Room for n points; x is filled in by the caller before gp_kernel_prepare. 0 or -ENOMEM. */
int gp_kernel_init(struct gp_kernel *kernel, size_t n, size_t d, const bool *categorical, const double *x);
void gp_kernel_finish(struct gp_kernel *kernel);

/* Takes the hyperparameters `theta` and the points x into use. */
void gp_kernel_prepare(struct gp_kernel *kernel, const double *theta);

/* row[i] = k(x, point i) for all points. Dimensions in which x (d) is where the last one was cost
 * little. */
void gp_kernel_row(double *row, struct gp_kernel *kernel, const double *x);

#define GP_KERNEL_SLOPES 2 /* as many at once */

struct gp_kernel_slope {
	const double *share; /* (n) */
	double *gradient;    /* (d) */
};

/* gradient[k] += Σ_i share_i ∂k(x, point i)/∂x_k of each slope, where x is that of the last
 * row; 0 for categories. */
void gp_kernel_by_x(struct gp_kernel_slope slopes[GP_KERNEL_SLOPES], struct gp_kernel *kernel);

/* k(x, x) */
double gp_kernel_variance(const struct gp_kernel *kernel);

#endif
