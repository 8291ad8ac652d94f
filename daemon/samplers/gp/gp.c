/* Bayesian optimisation with a Gaussian process and expected improvement.
 *
 * Jones, Schonlau & Welch 1998, "Efficient Global Optimization of Expensive Black-Box Functions";
 * the logarithm of the expected improvement as in Ament et al. 2023, "Unexpected Improvements to
 * Expected Improvement". Running trials are assumed to end at the model's mean (Ginsbourger, Le
 * Riche & Carraro 2010, "Kriging is well-suited to parallelize optimization"). Several objectives
 * are weighed anew for each trial (Knowles 2006, "ParEGO").
 *
 * Losses are taken as they are or through a logarithm, whichever makes them likelier (Snelson,
 * Rasmussen & Ghahramani 2004, "Warped Gaussian Processes"), so that a few very bad values do not
 * flatten the model around the good ones. Infeasible trials count as the worst loss seen. Inactive
 * parameters are put in the middle, which together with their parent's distance is a kernel of
 * wedges (Horn, Stork, Schüßler & Zaefferer 2019, "Surrogates for hierarchical search spaces"), and
 * the search for the next point puts them there, too. Beyond POINTS_AT_MOST trials the newest half
 * of so many are kept, and the best of the others. */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/samplers/gp/gp_improvement.h"
#include "daemon/samplers/gp/gp_search.h"
#include "daemon/samplers/history.h"
#include "daemon/samplers/sampler_type.h"
#include "schema/base/array.h"
#include "schema/base/memory.h"
#include "schema/space/point.h"

#define POINTS_AT_MOST 200
#define FIT_POINTS 80 /* of those, for the hyperparameters */
#define AMBITION                                                                                                       \
	1.0 /* every third trial looks for so much improvement (in deviations of the losses), which takes it farther away */

struct gp {
	struct gp_search search;
	void *startup; /* scrambled Sobol points for the first trials: they cover the space better than plain draws */
	const struct history *history;
	size_t startup_count;
	bool noiseless;
	size_t *rows;   /* (capacity) history rows in the model, oldest first */
	double *losses; /* (capacity) of those */
	double *sums;   /* (capacity) scratch */
	size_t capacity;
	double *theta; /* (2d + 3) scratch */
};

static void gp_destroy(void *state)
{
	struct gp *gp = state;
	if (!gp)
		return;
	if (gp->startup)
		qmc_sampler.destroy(gp->startup);
	gp_search_finish(&gp->search);
	memory_free(gp->rows);
	memory_free(gp->losses);
	memory_free(gp->sums);
	memory_free(gp->theta);
	memory_free(gp);
}

static int reserve(struct gp *gp, size_t count)
{
	if (count < gp->capacity)
		return 0;
	struct array_growth growth = array_growth_begin(gp->capacity, count + 1);
	array_resize(gp->rows, &growth, 1);
	array_resize(gp->losses, &growth, 1);
	array_resize(gp->sums, &growth, 1);
	return array_growth_end(&gp->capacity, &growth);
}

static int create_startup(struct gp *gp, const struct sampler_setup *setup)
{
	static const struct setting scramble = {.name = "scramble", .number = 1};
	struct method method = {
	        .info = method_info_find(sampler_infos, "qmc"), .setting_count = 1, .settings = &scramble};
	struct sampler_setup startup = *setup;
	startup.method = &method;
	return qmc_sampler.create(&gp->startup, &startup, NULL);
}

static int gp_create(void **state, const struct sampler_setup *setup, struct error *error)
{
	const struct space *space = setup->spec->space;
	if (space->count > GP_DIMS_AT_MOST)
		return error_set(error, -EINVAL, "the gp sampler takes at most %d parameters", GP_DIMS_AT_MOST);
	struct gp *gp = memory_alloc(1, sizeof *gp);
	if (!gp)
		return error_no_memory(error);
	gp->history = setup->history;
	gp->startup_count = (size_t)method_number(setup->method, "n_startup_trials");
	gp->noiseless = method_flag(setup->method, "deterministic_objective");
	gp->theta = memory_alloc(GP_THETA_COUNT(space->count), sizeof *gp->theta);
	if (!gp->theta || gp_search_init(&gp->search, space) != 0 || create_startup(gp, setup) != 0) {
		gp_destroy(gp);
		return error_no_memory(error);
	}
	*state = gp;
	return 0;
}

static int compare_numbers(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

/* The smallest and largest finite loss of one objective among the listed rows. */
static void find_range(double *low, double *high, const struct gp *gp, size_t count, size_t objective)
{
	*low = (double)INFINITY;
	*high = -(double)INFINITY;
	for (size_t i = 0; i < count; i++) {
		double loss = gp->history->losses[gp->rows[i] * gp->history->objective_count + objective];
		*low = isfinite(loss) ? fmin(*low, loss) : *low;
		*high = isfinite(loss) ? fmax(*high, loss) : *high;
	}
}

/* ParEGO: max_j λ_j f_j + 0.05 Σ_j λ_j f_j with losses f scaled to [0, 1] and weights λ drawn for
 * this trial. */
static void scalarise(struct gp *gp, size_t count, struct rng *rng)
{
	const struct history *history = gp->history;
	double weight_sum = 0;
	memset(gp->losses, 0, count * sizeof *gp->losses);
	memset(gp->sums, 0, count * sizeof *gp->sums);
	for (size_t j = 0; j < history->objective_count; j++) {
		double low, high, weight = -log(1 - rng_uniform(rng));
		find_range(&low, &high, gp, count, j);
		weight_sum += weight;
		for (size_t i = 0; i < count && high > low; i++) {
			double loss = history->losses[gp->rows[i] * history->objective_count + j];
			double term = weight * (loss - low) / (high - low);
			gp->losses[i] = fmax(gp->losses[i], term);
			gp->sums[i] += term;
		}
	}
	for (size_t i = 0; i < count; i++)
		gp->losses[i] = (gp->losses[i] + 0.05 * gp->sums[i]) / weight_sum;
}

/* Lists complete trials and their losses; infeasible and infinite ones get the worst finite
 * loss. */
static size_t list_complete(struct gp *gp, struct rng *rng)
{
	const struct history *history = gp->history;
	size_t count = 0;
	for (size_t row = 0; row < history->count; row++)
		if (history->states[row] == TRIAL_COMPLETE)
			gp->rows[count++] = row;
	if (history->objective_count > 1)
		scalarise(gp, count, rng);
	double worst = -(double)INFINITY;
	for (size_t i = 0; i < count; i++) {
		if (history->objective_count == 1)
			gp->losses[i] = history->losses[gp->rows[i]];
		if (isfinite(gp->losses[i]))
			worst = fmax(worst, gp->losses[i]);
	}
	for (size_t i = 0; i < count; i++)
		if (!isfinite(gp->losses[i]) || history->violations[gp->rows[i]] > 0)
			gp->losses[i] = isfinite(worst) ? worst : 0;
	return count;
}

static void swap_numbers(double *a, double *b)
{
	double number = *a;
	*a = *b;
	*b = number;
}

/* The number at place `rank` when all are in order, which they are not afterwards (Hoare 1961,
 * "Algorithm 65: Find"). Numbers equal to the pivot are put between the others. */
static double find_ranked(double *numbers, size_t count, size_t rank)
{
	size_t low = 0, high = count;
	assert(rank < count);
	while (high - low > 1) {
		double pivot = numbers[low + (high - low) / 2];
		size_t equal = low, at = low, larger = high;
		while (at < larger) {
			if (numbers[at] < pivot)
				swap_numbers(&numbers[equal++], &numbers[at++]);
			else if (numbers[at] > pivot)
				swap_numbers(&numbers[at], &numbers[--larger]);
			else
				at++;
		}
		if (rank >= equal && rank < larger)
			return pivot;
		low = rank < equal ? low : larger;
		high = rank < equal ? equal : high;
	}
	return numbers[rank];
}

/* Of more than POINTS_AT_MOST trials, keeps the newest half of so many and the best of the others.
 * `scratch` has room for count losses. */
static size_t thin_out(struct gp *gp, size_t count, double *scratch)
{
	if (count <= POINTS_AT_MOST)
		return count;
	size_t newest = count - POINTS_AT_MOST / 2, kept = 0;
	memcpy(scratch, gp->losses, newest * sizeof *scratch);
	double bar = find_ranked(scratch, newest, POINTS_AT_MOST / 2 - 1);
	for (size_t i = 0; i < count; i++) {
		if (i < newest && (gp->losses[i] > bar || kept >= POINTS_AT_MOST / 2))
			continue;
		gp->rows[kept] = gp->rows[i];
		gp->losses[kept++] = gp->losses[i];
	}
	return kept;
}

static void swap_rows(struct gp *gp, size_t a, size_t b)
{
	size_t row = gp->rows[a];
	double loss = gp->losses[a];
	gp->rows[a] = gp->rows[b];
	gp->losses[a] = gp->losses[b];
	gp->rows[b] = row;
	gp->losses[b] = loss;
}

/* Puts the trials first that the hyperparameters are fitted to: a third are the best ones, the
 * others come from the whole study. */
static void put_fit_first(struct gp *gp, size_t count, double *sorted)
{
	if (count <= FIT_POINTS)
		return;
	memcpy(sorted, gp->losses, count * sizeof *sorted);
	qsort(sorted, count, sizeof *sorted, compare_numbers);
	size_t good = 0;
	assert(count <= gp->capacity);
	for (size_t i = 0; i < count && good < FIT_POINTS / 3; i++)
		if (gp->losses[i] <= sorted[FIT_POINTS / 3 - 1])
			swap_rows(gp, good++, i);
	size_t stride = (count - good) / (FIT_POINTS - good);
	for (size_t i = good; i < FIT_POINTS; i++)
		swap_rows(gp, i, good + (i - good) * stride);
}

/* How losses become targets: as they are, or as ln (1 + above / unit), where `above` is the
 * distance to the best loss. */
struct gp_shape {
	double best, unit; /* unit 0: as they are */
};

/* Targets with mean 0 and deviation 1; returns Σ ln |d target / d loss|, which makes likelihoods
 * comparable. */
static double set_targets(double *y, const double *losses, size_t count, const struct gp_shape *shape)
{
	double mean = 0, square = 0, log_slopes = 0;
	for (size_t i = 0; i < count; i++) {
		double above = losses[i] - shape->best;
		y[i] = shape->unit > 0 ? log1p(above / shape->unit) : above;
		log_slopes -= shape->unit > 0 ? log(shape->unit + above) : 0;
		mean += y[i] / (double)count;
	}
	for (size_t i = 0; i < count; i++)
		square += (y[i] - mean) * (y[i] - mean) / (double)count;
	double scale = square > 0 ? 1 / sqrt(square) : 1;
	for (size_t i = 0; i < count; i++)
		y[i] = (y[i] - mean) * scale;
	return log_slopes + (double)count * log(scale);
}

/* Fits transformed losses, each transformation more curved than the one before, as long as that is
 * likelier; keeps the likeliest. `sorted` has room for count numbers. */
static int fit_best_shape(struct gp *gp, struct gp_model *model, size_t count, double *sorted)
{
	memcpy(sorted, gp->losses, count * sizeof *sorted);
	qsort(sorted, count, sizeof *sorted, compare_numbers);
	double middle = sorted[count / 2] - sorted[0], least = (double)INFINITY;
	size_t fit_count = count < FIT_POINTS ? count : FIT_POINTS;
	struct gp_shape shapes[] = {{sorted[0], 0}, {sorted[0], middle}, {sorted[0], middle / 10}};
	size_t chosen = 0;
	double *theta = gp->theta;
	struct gp_fit fit = {.noiseless = gp->noiseless};
	for (size_t i = 0; i < (middle > 0 ? 3 : 1); i++) {
		double misfit, log_slopes = set_targets(model->y, gp->losses, fit_count, &shapes[i]);
		model->n = fit_count;
		int rc = gp_model_fit(&misfit, model, &fit);
		if (rc < 0)
			return rc;
		if (rc || !(misfit - log_slopes < least))
			break;
		least = misfit - log_slopes;
		chosen = i;
		memcpy(theta, model->theta, GP_THETA_COUNT(gp->search.d) * sizeof *theta);
		fit.start = theta;
	}
	if (!isfinite(least))
		return GP_SINGULAR;
	memcpy(model->theta, theta, GP_THETA_COUNT(gp->search.d) * sizeof *theta);
	model->n = count;
	set_targets(model->y, gp->losses, count, &shapes[chosen]);
	return gp_model_condition(model);
}

static void set_point(struct gp *gp, struct gp_model *model, size_t i, size_t row)
{
	const double *point = history_point(gp->history, row);
	for (size_t k = 0; k < gp->search.d; k++)
		model->x[i * gp->search.d + k] =
		        gp_search_to_unit(&gp->search.space->params[gp->search.dims[k]], point[gp->search.dims[k]]);
}

/* Adds the running trials with the means that the model predicts; the first `n` points are fitted
 * already. */
static int add_running(struct gp *gp, struct gp_model *model, size_t n, size_t running)
{
	const struct history *history = gp->history;
	size_t total = n;
	for (size_t row = 0; row < history->count && total < n + running; row++) {
		struct gp_prediction at = {.mean_gradient = NULL};
		if (history->states[row] != TRIAL_RUNNING)
			continue;
		set_point(gp, model, total, row);
		gp_model_predict(&at, model, model->x + total * gp->search.d);
		model->y[total] = at.mean;
		total++;
	}
	model->n = total;
	return total > n ? gp_model_condition(model) : 0;
}

/* Fits a model to the history. 0, GP_SINGULAR or -ENOMEM; the model is to be finished in any
 * case. */
static int build_model(struct gp *gp, struct gp_model *model, struct rng *rng)
{
	*model = (struct gp_model){0};
	if (reserve(gp, gp->history->count) != 0)
		return -ENOMEM;
	size_t count = list_complete(gp, rng), running = history_count(gp->history, TRIAL_RUNNING);
	if (running > POINTS_AT_MOST / 3)
		running = POINTS_AT_MOST / 3;
	double *sorted = memory_alloc(count + 1, sizeof *sorted);
	if (!sorted)
		return -ENOMEM;
	count = thin_out(gp, count, sorted);
	put_fit_first(gp, count, sorted);
	int rc = gp_model_init(model, count + running, gp->search.d, gp->search.categorical);
	if (!rc) {
		for (size_t i = 0; i < count; i++)
			set_point(gp, model, i, gp->rows[i]);
		model->n = count;
		rc = fit_best_shape(gp, model, count, sorted);
	}
	memory_free(sorted);
	return rc ? rc : add_running(gp, model, count, running);
}

/* True while there are too few trials for a model. */
static bool is_starting(const struct gp *gp)
{
	size_t complete = history_count(gp->history, TRIAL_COMPLETE);
	return complete < gp->startup_count || complete < 2 || gp->search.d == 0;
}

static int gp_suggest(void *state, int64_t number, struct rng *rng, double *point)
{
	struct gp *gp = state;
	if (is_starting(gp))
		return qmc_sampler.suggest(gp->startup, number, rng, point);
	struct gp_model model;
	struct gp_improvement improvement;
	struct gp_goal goal;
	gp_search_fix(&gp->search, point);
	int rc = build_model(gp, &model, rng);
	if (!rc) {
		gp_improvement_aim(&goal, &improvement, &model, number % 3 == 2 ? AMBITION : 0);
		rc = gp_search_run(&gp->search, &goal, rng, point);
	}
	gp_model_finish(&model);
	if (rc < 0)
		return rc;
	/* What the model has no say in (single values, or everything when it is singular) comes
	 * from the priors. */
	point_draw(gp->search.space, point, rng);
	return 0;
}

static bool gp_is_slow(const void *state, int64_t number)
{
	(void)number;
	return !is_starting(state);
}

const struct sampler_type gp_sampler = {
        .name = "gp",
        .create = gp_create,
        .suggest = gp_suggest,
        .destroy = gp_destroy,
        .slow = gp_is_slow,
};
