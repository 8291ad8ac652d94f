#include "daemon/samplers/gp/gp_improvement.h"

#include <assert.h>
#include <math.h>

#include "daemon/samplers/normal.h"

/* −ln expected improvement; lbfgs_problem.value. `gradient` may be NULL. */
static double negative_log_ei(void *context, const double *x, double *gradient)
{
	const struct gp_improvement *improvement = context;
	struct gp_model *model = improvement->model;
	double variance_gradient[GP_DIMS_AT_MOST];
	assert(model->d <= GP_DIMS_AT_MOST);
	struct gp_prediction at = {.mean_gradient = gradient, .variance_gradient = variance_gradient};
	gp_model_predict(&at, model, x);
	double deviation = sqrt(at.variance), z = (improvement->best - at.mean) / deviation,
	       log_h_z = normal_log_gain(z);
	for (size_t k = 0; gradient && k < model->d; k++) {
		double by_mean = exp(normal_log_cdf(z) - log_h_z),
		       by_deviation = exp(-0.5 * z * z - LOG_SQRT_2PI - log_h_z);
		double slope = variance_gradient[k] / (2 * deviation);
		gradient[k] = (by_mean * gradient[k] - by_deviation * slope) / deviation;
	}
	return -(log(deviation) + log_h_z);
}

/* The smallest mean at an observed point: what must be improved upon. */
static double find_incumbent(const struct gp_model *model)
{
	double best = (double)INFINITY;
	for (size_t i = 0; i < model->n; i++)
		best = fmin(best, gp_model_mean(model, i));
	return best;
}

/* The points of the model with the smallest targets, best first. */
static void list_near(struct gp_goal *goal, const struct gp_model *model)
{
	size_t best[GP_NEAR_POINTS], count = 0;
	for (size_t i = 0; i < model->n; i++) {
		size_t at = count < GP_NEAR_POINTS ? count++ : GP_NEAR_POINTS;
		for (; at > 0 && model->y[best[at - 1]] > model->y[i]; at--)
			if (at < GP_NEAR_POINTS)
				best[at] = best[at - 1];
		if (at < GP_NEAR_POINTS)
			best[at] = i;
	}
	goal->near_count = count;
	for (size_t i = 0; i < count; i++)
		goal->near[i] = model->x + best[i] * model->d;
}

void gp_improvement_aim(
        struct gp_goal *goal, struct gp_improvement *improvement, struct gp_model *model, double ambition)
{
	*improvement = (struct gp_improvement){model, find_incumbent(model) - ambition};
	*goal = (struct gp_goal){.value = negative_log_ei, .context = improvement};
	list_near(goal, model);
}
