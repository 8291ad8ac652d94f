#include "daemon/samplers/gp/gp_improvement.h"

#include <assert.h>
#include <math.h>

#include "daemon/samplers/normal.h"

/* Of what is expected at the point that was valued last: its deviation, how far the bar is above the
 * mean in deviations, and ln h of that (Ament et al. 2023, equation 8). */
struct gain {
	double deviation, z, log_h;
};

static struct gain gain_of(const struct gp_improvement *improvement)
{
	struct gain gain = {.deviation = sqrt(improvement->at.variance)};
	gain.z = (improvement->best - improvement->at.mean) / gain.deviation;
	gain.log_h = normal_log_gain(gain.z);
	return gain;
}

/* −ln expected improvement; of gp_goal. */
static double negative_log_ei(void *context, const double *x)
{
	struct gp_improvement *improvement = context;
	gp_model_predict(&improvement->at, improvement->model, x);
	struct gain gain = gain_of(improvement);
	return -(log(gain.deviation) + gain.log_h);
}

static void slopes_of_ei(void *context, const double *x, double *gradient)
{
	(void)x;
	struct gp_improvement *improvement = context;
	size_t d = improvement->model->d;
	double variance_gradient[GP_DIMS_AT_MOST];
	assert(d <= GP_DIMS_AT_MOST);
	gp_model_slopes(gradient, variance_gradient, improvement->model);
	struct gain gain = gain_of(improvement);
	double by_mean = exp(normal_log_cdf(gain.z) - gain.log_h),
	       by_deviation = exp(-0.5 * gain.z * gain.z - LOG_SQRT_2PI - gain.log_h);
	for (size_t k = 0; k < d; k++) {
		double slope = variance_gradient[k] / (2 * gain.deviation);
		gradient[k] = (by_mean * gradient[k] - by_deviation * slope) / gain.deviation;
	}
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
	*improvement = (struct gp_improvement){.model = model, .best = find_incumbent(model) - ambition};
	*goal = (struct gp_goal){.value = negative_log_ei, .slopes = slopes_of_ei, .context = improvement};
	list_near(goal, model);
}
