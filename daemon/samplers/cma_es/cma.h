/* The search distribution of CMA-ES: a normal distribution that moves, widens and turns towards
 * what was good.
 *
 * Hansen 2016, "The CMA Evolution Strategy: A Tutorial", with negative weights; `scale` is the
 * diagonal matrix A of Hamano, Saito, Nomura & Shirakawa 2022, "CMA-ES with Margin". Points may
 * come from elsewhere too: long steps are cut as in Hansen 2011, "Injecting External Solutions Into
 * CMA-ES". */
#ifndef DAEMON_SAMPLERS_CMA_ES_CMA_H
#define DAEMON_SAMPLERS_CMA_ES_CMA_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/samplers/outcome.h"
#include "schema/base/rng.h"

struct cma {
	size_t n;                                        /* dimensions, ≥ 1 */
	size_t lambda, mu;                               /* population; those with positive weights */
	double mu_eff, c_sigma, d_sigma, c_c, c_1, c_mu; /* the tutorial's names */
	size_t generation;
	double sigma;
	double *numbers;                      /* owns the arrays below */
	double *weights;                      /* (lambda) best first; negative for the bad half */
	double *mean, *scale;                 /* (n) */
	double *path_sigma, *path_c;          /* (n) evolution paths */
	double *covariance;                   /* (n, n) */
	double *basis, *roots;                /* (n, n) eigenvectors as rows; (n) square roots of eigenvalues */
	double *steps, *step_mean, *whitened; /* (lambda, n), (n), (n) scratch */
};

/* Starts at `mean` (n) with standard deviation `sigma` in every direction, for generations of
 * `lambda` ≥ 2. 0 or -ENOMEM; a zeroed or finished one may be initialised, cma_finish gives it
 * back. */
int cma_init(struct cma *cma, size_t n, size_t lambda, const double *mean, double sigma);
void cma_finish(struct cma *cma);

/* Draws a point (n). */
void cma_draw(double *point, const struct cma *cma, struct rng *rng);

/* Learns from one generation, `points` (lambda, n) best first. 0; -ENOMEM; CMA_DEGENERATE when the
 * covariance has become too ill-conditioned to go on (tutorial, B.3: condition number above
 * 1e14). */
int cma_learn(struct cma *cma, const double *points);

/* Standard deviation of coordinate `i`. */
double cma_deviation(const struct cma *cma, size_t i);

#endif
