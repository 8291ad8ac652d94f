#include "daemon/samplers/gp/gp_search.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/samplers/gp/lbfgs.h"
#include "daemon/samplers/normal.h"
#include "daemon/samplers/unit.h"
#include "schema/base/memory.h"

#define SPREAD_CANDIDATES 400 /* all over the space */
#define NEAR_CANDIDATES 60    /* around each of the best points */
#define NEAR_POINTS 4
#define REFINE_STEPS 24

int gp_search_init(struct gp_search *search, const struct space *space)
{
	size_t width = space->count + 1;
	*search = (struct gp_search){.space = space};
	search->dims = memory_alloc(width, sizeof *search->dims);
	search->categorical = memory_alloc(width, sizeof *search->categorical);
	search->low = memory_alloc(width, sizeof *search->low);
	search->high = memory_alloc(width, sizeof *search->high);
	search->candidates = memory_alloc(width * (GP_STARTS + 1), sizeof *search->candidates);
	search->bounds = memory_alloc(width * 2, sizeof *search->bounds);
	if (!search->dims || !search->categorical || !search->low || !search->high || !search->candidates ||
	        !search->bounds) {
		gp_search_finish(search);
		return -ENOMEM;
	}
	for (size_t i = 0; i < space->count; i++) {
		if (param_is_single(&space->params[i]))
			continue;
		search->categorical[search->d] = space->params[i].kind == PARAM_CATEGORICAL;
		search->dims[search->d++] = i;
	}
	return 0;
}

void gp_search_finish(struct gp_search *search)
{
	memory_free(search->dims);
	memory_free(search->categorical);
	memory_free(search->low);
	memory_free(search->high);
	memory_free(search->candidates);
	memory_free(search->bounds);
	*search = (struct gp_search){0};
}

double gp_search_to_unit(const struct param *param, double value)
{
	if (param->kind == PARAM_CATEGORICAL)
		return isnan(value) ? -1 : value;
	if (isnan(value))
		return 0.5;
	return unit_of(param, value);
}

static double from_unit(const struct param *param, double unit)
{
	return param->kind == PARAM_CATEGORICAL ? unit : unit_value(param, unit);
}

/* Moves a unit point to where a suggestion can be: numeric values to their grids. */
static void snap(const struct gp_search *search, double *x)
{
	for (size_t k = 0; k < search->d; k++) {
		const struct param *param = &search->space->params[search->dims[k]];
		if (param->kind != PARAM_CATEGORICAL && param->step > 0)
			x[k] = gp_search_to_unit(param, from_unit(param, x[k]));
	}
}

struct improvement {
	struct gp_model *model;
	double best;
};

/* ln h(z), h(z) = φ(z) + zΦ(z), without cancellation for very negative z. */
static double log_h(double z)
{
	double log_density = -0.5 * z * z - LOG_SQRT_2PI;
	if (z > -1)
		return log(exp(log_density) + z * exp(normal_log_cdf(z)));
	if (z < -1e3)
		return log_density - 2 * log(-z);
	return log_density + log1p(z * exp(normal_log_cdf(z) - log_density));
}

/* −ln expected improvement; lbfgs_problem.value. `gradient` may be NULL. */
static double negative_log_ei(void *context, const double *x, double *gradient)
{
	const struct improvement *improvement = context;
	struct gp_model *model = improvement->model;
	double variance_gradient[GP_DIMS_AT_MOST];
	assert(model->d <= GP_DIMS_AT_MOST);
	struct gp_prediction at = {.mean_gradient = gradient, .variance_gradient = variance_gradient};
	gp_model_predict(&at, model, x);
	double deviation = sqrt(at.variance), z = (improvement->best - at.mean) / deviation, log_h_z = log_h(z);
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
	double noise = exp(model->theta[GP_NOISE(model->d)]), best = (double)INFINITY;
	for (size_t i = 0; i < model->n; i++) {
		double mean = model->y[i] - noise * model->weights[i];
		best = fmin(best, mean);
	}
	return best;
}

static double draw_unit(const struct gp_search *search, size_t k, struct rng *rng)
{
	if (search->low[k] == search->high[k])
		return search->low[k];
	if (search->categorical[k])
		return (double)rng_below(rng, search->space->params[search->dims[k]].choice_count);
	return rng_uniform(rng);
}

/* A candidate all over the space, or near `centre` at a random scale. */
static void draw_candidate(const struct gp_search *search, double *x, const double *centre, struct rng *rng)
{
	double scale = centre ? pow(10, -0.5 - 3 * rng_uniform(rng)) : 0;
	for (size_t k = 0; k < search->d; k++) {
		if (!centre || search->low[k] == search->high[k]) {
			x[k] = draw_unit(search, k, rng);
		} else if (search->categorical[k]) {
			x[k] = rng_uniform(rng) < 1.0 / (double)search->d ? draw_unit(search, k, rng) : centre[k];
		} else {
			x[k] = fmin(fmax(centre[k] + scale * rng_normal(rng), 0), 1);
		}
	}
	snap(search, x);
}

/* Keeps a scored point among the GP_STARTS best. */
static void keep_start(struct gp_search *search, const double *x, double score, size_t *count)
{
	assert(*count <= GP_STARTS);
	size_t at = *count < GP_STARTS ? (*count)++ : GP_STARTS - 1, bytes = search->d * sizeof *x;
	if (at == GP_STARTS - 1 && *count == GP_STARTS && search->scores[at] <= score)
		return;
	for (; at > 0 && search->scores[at - 1] > score; at--) {
		search->scores[at] = search->scores[at - 1];
		memcpy(search->candidates + at * search->d, search->candidates + (at - 1) * search->d, bytes);
	}
	search->scores[at] = score;
	memcpy(search->candidates + at * search->d, x, bytes);
}

/* Rows of the model with the smallest targets, best first. */
static size_t list_best(size_t best[NEAR_POINTS], const struct gp_model *model)
{
	size_t count = 0;
	for (size_t i = 0; i < model->n; i++) {
		size_t at = count < NEAR_POINTS ? count++ : NEAR_POINTS;
		for (; at > 0 && model->y[best[at - 1]] > model->y[i]; at--)
			if (at < NEAR_POINTS)
				best[at] = best[at - 1];
		if (at < NEAR_POINTS)
			best[at] = i;
	}
	return count;
}

static size_t collect_starts(struct gp_search *search, struct improvement *improvement, struct rng *rng)
{
	size_t best[NEAR_POINTS], count = 0;
	double *x = search->candidates + GP_STARTS * search->d;
	for (size_t i = 0; i < GP_STARTS + 1; i++)
		search->scores[i] = (double)INFINITY;
	for (size_t i = 0; i < SPREAD_CANDIDATES; i++) {
		draw_candidate(search, x, NULL, rng);
		keep_start(search, x, negative_log_ei(improvement, x, NULL), &count);
	}
	size_t near = list_best(best, improvement->model);
	for (size_t i = 0; i < near * NEAR_CANDIDATES; i++) {
		draw_candidate(search, x, improvement->model->x + best[i % near] * search->d, rng);
		keep_start(search, x, negative_log_ei(improvement, x, NULL), &count);
	}
	return count;
}

/* Tries the other values of each discrete parameter, all when they are few, else some around. */
static void refine_discrete(struct gp_search *search, struct improvement *improvement, double *x, double *score)
{
	for (size_t k = 0; k < search->d; k++) {
		const struct param *param = &search->space->params[search->dims[k]];
		size_t cells = param_cardinality(param);
		if (cells == 0 || search->low[k] == search->high[k])
			continue;
		double kept = x[k], here = param->kind == PARAM_CATEGORICAL
		                                   ? x[k]
		                                   : (from_unit(param, x[k]) - param->low) / param->step;
		double reach = cells <= 16 ? (double)cells : 4;
		size_t from = (size_t)fmax(0, nearbyint(here) - reach);
		size_t to = (size_t)fmin((double)cells - 1, nearbyint(here) + reach);
		for (size_t cell = from; cell <= to; cell++) {
			x[k] = param->kind == PARAM_CATEGORICAL
			               ? (double)cell
			               : gp_search_to_unit(param, param->low + (double)cell * param->step);
			double other = negative_log_ei(improvement, x, NULL);
			if (other < *score) {
				*score = other;
				kept = x[k];
			}
		}
		x[k] = kept;
	}
}

static int refine(struct gp_search *search, struct improvement *improvement, double *x, double *score)
{
	struct lbfgs_problem problem = {
	        search->d, search->bounds, search->bounds + search->d, negative_log_ei, improvement, REFINE_STEPS};
	for (size_t k = 0; k < search->d; k++) {
		bool moves = !search->categorical[k] && search->low[k] < search->high[k];
		search->bounds[k] = moves ? 0 : x[k];
		search->bounds[search->d + k] = moves ? 1 : x[k];
	}
	int rc = lbfgs_minimize(score, x, &problem);
	if (rc)
		return rc;
	snap(search, x);
	*score = negative_log_ei(improvement, x, NULL);
	refine_discrete(search, improvement, x, score);
	return 0;
}

static void write_point(const struct gp_search *search, const double *x, double *point)
{
	for (size_t k = 0; k < search->d; k++)
		if (isnan(point[search->dims[k]]))
			point[search->dims[k]] = from_unit(&search->space->params[search->dims[k]], x[k]);
}

int gp_search_run(struct gp_search *search, struct gp_model *model, double ambition, struct rng *rng, double *point)
{
	size_t best = 0;
	struct improvement improvement = {model, find_incumbent(model) - ambition};
	size_t count = collect_starts(search, &improvement, rng);
	for (size_t i = 0; i < count; i++) {
		int rc = refine(search, &improvement, search->candidates + i * search->d, &search->scores[i]);
		if (rc)
			return rc;
		if (search->scores[i] < search->scores[best])
			best = i;
	}
	write_point(search, search->candidates + best * search->d, point);
	return 0;
}

void gp_search_fix(struct gp_search *search, const double *point)
{
	for (size_t k = 0; k < search->d; k++) {
		const struct param *param = &search->space->params[search->dims[k]];
		double fixed = point[search->dims[k]];
		bool categorical = search->categorical[k];
		search->low[k] = isnan(fixed) ? 0 : gp_search_to_unit(param, fixed);
		search->high[k] = isnan(fixed) ? (categorical ? (double)param->choice_count - 1 : 1) : search->low[k];
	}
}
