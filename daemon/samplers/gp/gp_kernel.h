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

struct gp_kernel {
	size_t n, d;
	const bool *categorical; /* (d) borrowed */
	const double *x;         /* (n, d) borrowed; categories: index */
	bool alone;              /* the second part is left out: one dimension has no need of it */
	/* Set by gp_kernel_prepare. */
	double *columns;                        /* (d, n) the points, a dimension at a time */
	double *joint, *own;                    /* (d) ι, κ */
	double joint_signal;                    /* s */
	double own_signal;                      /* t/d; 0 when alone */
	double *gaps, *roots, *slopes, *values; /* (n) scratch */
};

/* Room for n points; x is filled in by the caller before gp_kernel_prepare. 0 or -ENOMEM. */
int gp_kernel_init(struct gp_kernel *kernel, size_t n, size_t d, const bool *categorical, const double *x);
void gp_kernel_finish(struct gp_kernel *kernel);

/* Takes the hyperparameters `theta` and the points x into use. */
void gp_kernel_prepare(struct gp_kernel *kernel, const double *theta);

/* row[i] = k(x, point i) for the points i from `first` on (row has n places). */
void gp_kernel_row(double *row, struct gp_kernel *kernel, const double *x, size_t first);

/* gradient (2d + 3, noise left alone) += Σ_i share_i ∂k(x, point i)/∂θ over the points from `first`
 * on. */
void gp_kernel_by_theta(double *gradient, struct gp_kernel *kernel, const double *x, size_t first, const double *share);

/* gradient[k] (d) += Σ_i share_i ∂k(x, point i)/∂x_k; 0 for categories. */
void gp_kernel_by_x(double *gradient, struct gp_kernel *kernel, const double *x, const double *share);

/* k(x, x) */
double gp_kernel_variance(const struct gp_kernel *kernel);

#endif
