#include "daemon/samplers/gp/gp_improvement.h"

#include <assert.h>
#include <math.h>

#include "daemon/samplers/normal.h"

/* What a prediction promises: its deviation, how far the bar is above the mean in deviations,
 * and ln h of that (Ament et al. 2023, equation 8). */
struct promise {
	double deviation, z, log_h;
};

static struct promise promise_of(const struct gp_improvement *improvement, const struct gp_prediction *at)
{
	struct promise promise = {.deviation = sqrt(at->variance)};
	promise.z = (improvement->best - at->mean) / promise.deviation;
	promise.log_h = normal_log_gain(promise.z);
	return promise;
}

/* −ln expected improvement */
static double value_of(const struct promise *promise)
{
	return -(log(promise->deviation) + promise->log_h);
}

/* Of gp_goal. */
static double negative_log_ei(void *context, const double *x)
{
	struct gp_improvement *improvement = context;
	gp_model_predict(&improvement->at, improvement->model, x);
	struct promise promise = promise_of(improvement, &improvement->at);
	return value_of(&promise);
}

static void negative_log_eis(void *context, const double *x, size_t count, double *values)
{
	struct gp_improvement *improvement = context;
	struct gp_prediction at[GP_SIDES];
	gp_model_predict_all(at, improvement->model, x, count);
	for (size_t i = 0; i < count; i++) {
		struct promise promise = promise_of(improvement, &at[i]);
		values[i] = value_of(&promise);
	}
}

static void slopes_of_ei(void *context, const double *x, double *gradient)
{
	(void)x;
	struct gp_improvement *improvement = context;
	size_t d = improvement->model->d;
	double variance_gradient[GP_DIMS_AT_MOST];
	assert(d <= GP_DIMS_AT_MOST);
	gp_model_slopes(gradient, variance_gradient, improvement->model);
	struct promise promise = promise_of(improvement, &improvement->at);
	double by_mean = exp(normal_log_cdf(promise.z) - promise.log_h),
	       by_deviation = exp(-0.5 * promise.z * promise.z - LOG_SQRT_2PI - promise.log_h);
	for (size_t k = 0; k < d; k++) {
		double slope = variance_gradient[k] / (2 * promise.deviation);
		gradient[k] = (by_mean * gradient[k] - by_deviation * slope) / promise.deviation;
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
	*goal = (struct gp_goal){
	        .value = negative_log_ei, .slopes = slopes_of_ei, .values = negative_log_eis, .context = improvement};
	list_near(goal, model);
}
