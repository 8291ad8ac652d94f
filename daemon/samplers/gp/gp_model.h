/* Gaussian-process regression on the unit cube, with the covariance of gp_kernel.h.
 *
 * Rasmussen & Williams 2006, "Gaussian Processes for Machine Learning", algorithms 2.1 and 5.1.
 * Hyperparameters are the most probable ones; the priors of the joint part are those of Hvarfner,
 * Hellsten & Nardi 2024, "Vanilla Bayesian Optimization Performs Great in High Dimensions". Legend:
 * n points, d dimensions. */
#ifndef DAEMON_SAMPLERS_GP_GP_MODEL_H
#define DAEMON_SAMPLERS_GP_GP_MODEL_H

#include "daemon/samplers/gp/gp_pairs.h"
#include "daemon/samplers/gp/gp_solver.h"
#include "daemon/samplers/outcome.h"

struct gp_model {
	size_t n, d;
	struct gp_kernel kernel;
	struct gp_pairs pairs;
	double *x;               /* (n, d) in [0, 1]; categories: index */
	double *y;               /* (n) mean about 0, deviation about 1 */
	double *noises;          /* (n) how much of the noise variance each y has; set to 1 */
	double *theta;           /* (2d + 3) as gp_kernel.h numbers them */
	double log_noise;        /* as of the fit under way */
	double own;              /* variance that each point has for its own, part of the noise; 0 at first */
	double *factor;          /* (n, n) lower Cholesky factor of K, column-major */
	double *weights;         /* (n) K⁻¹ y */
	double *inverse;         /* (n, n) scratch of the fit */
	double *column, *solved; /* (n) scratch of predictions */
	double *sides;           /* (n, GP_SIDES) scratch of several predictions */
};

/* Room for n points in d dimensions, x and y to be filled in by the caller. 0 or -ENOMEM. */
int gp_model_init(struct gp_model *model, size_t n, size_t d, const bool *categorical);
void gp_model_finish(struct gp_model *model);

struct gp_fit {
	bool noiseless;      /* noise at its smallest */
	const double *start; /* (2d + 3) θ to start from, which saves steps; NULL = the usual one */
	double log_noise;    /* ln of the noise variance where it was measured; 0 = nothing is known */
};

/* Finds the hyperparameters theta for the first `n` points; *misfit is −ln (likelihood ·
 * priors), without the constant. gp_model_condition is to follow. 0, -ENOMEM, or GP_SINGULAR
 * when the points allow no factor. */
int gp_model_fit(double *misfit, struct gp_model *model, const struct gp_fit *fit);

/* Prepares predictions from all n points with the hyperparameters at hand. 0 or GP_SINGULAR. */
int gp_model_condition(struct gp_model *model);

/* The mean at the i-th of the model's own points. */
double gp_model_mean(const struct gp_model *model, size_t i);

/* What the model says of a point. */
struct gp_prediction {
	double mean, variance;
};

/* Mean and variance at x (d). */
void gp_model_predict(struct gp_prediction *out, struct gp_model *model, const double *x);

/* The same of `count` ≤ GP_SIDES points x (count, d) at once, in less time; what one point gets
 * does not depend on the others, but its last bits may differ from those of gp_model_predict. */
void gp_model_predict_all(struct gp_prediction *out, struct gp_model *model, const double *x, size_t count);

/* Takes a share of the noise for the points' own: what sets a point off from its neighbours is no
 * chance, stays when it is measured again, and equal points have it in common. Prepares predictions
 * anew. 0 or GP_SINGULAR. */
int gp_model_set_own(struct gp_model *model, double share);

/* Mean and variance of what the i-th of the model's own points is worth, with what is its own. */
void gp_model_predict_own(struct gp_prediction *out, struct gp_model *model, size_t i);

/* The variance that is the i-th and the j-th point's own: 0 where they are not equal. */
double gp_model_own(const struct gp_model *model, size_t i, size_t j);

/* The gradients (d each) of mean and variance by the coordinates of the point that was predicted
 * last by itself; 0 for categories. */
void gp_model_slopes(double *mean_gradient, double *variance_gradient, struct gp_model *model);

#endif
