#include "daemon/samplers/gp/gp_front.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/samplers/history.h"
#include "daemon/samplers/pareto.h"
#include "schema/base/memory.h"

#define MIDDLE_OF 20 /* first trials whose median bounds the reference */
#define MARGIN 0.1   /* of the front's range: how far beyond its worst losses the reference lies */

/* Points of the front that are kept, by objectives: the boxes are so many to the power of k −
 * 1. */
static const size_t points_at_most[GP_LOSSES_AT_MOST + 1] = {0, 0, 40, 16, 8};

int gp_front_init(struct gp_front *front, const struct history *history, const struct gp_search *search, bool noiseless)
{
	*front = (struct gp_front){.k = history->objective_count, .history = history};
	assert(front->k <= GP_LOSSES_AT_MOST);
	front->slopes = memory_alloc(2 * search->d + 1, sizeof *front->slopes);
	int rc = front->slopes ? 0 : -ENOMEM;
	for (size_t j = 0; !rc && j < front->k; j++) {
		rc = gp_evidence_init(&front->evidences[j], history, search);
		front->evidences[j].objective = j;
		front->evidences[j].noiseless = noiseless;
	}
	if (rc)
		gp_front_finish(front);
	return rc;
}

void gp_front_release(struct gp_front *front)
{
	gp_boxes_finish(&front->boxes);
	for (size_t j = 0; j < front->k; j++)
		gp_model_finish(&front->models[j]);
}

void gp_front_finish(struct gp_front *front)
{
	gp_front_release(front);
	for (size_t j = 0; j < front->k; j++)
		gp_evidence_finish(&front->evidences[j]);
	memory_free(front->slopes);
	*front = (struct gp_front){0};
}

/* ---- models ---- */

static bool can_be_on_front(const struct history *history, size_t row)
{
	if (history->states[row] != TRIAL_COMPLETE || history->violations[row] > 0)
		return false;
	for (size_t j = 0; j < history->objective_count; j++)
		if (!isfinite(history->losses[row * history->objective_count + j]))
			return false;
	return true;
}

/* Which trials are kept of many: the first fronts. `losses` (history count, k) is scratch. */
static int rank_trials(double *merits, double *losses, const struct history *history)
{
	size_t k = history->objective_count;
	for (size_t row = 0; row < history->count; row++)
		for (size_t j = 0; j < k; j++)
			losses[row * k + j] =
			        can_be_on_front(history, row) ? history->losses[row * k + j] : (double)INFINITY;
	return pareto_places(merits, losses, history->count, k, GP_POINTS_AT_MOST / 2);
}

static int fit_models(struct gp_front *front)
{
	const struct history *history = front->history;
	double *merits = memory_alloc(history->count + 1, sizeof *merits);
	double *losses = memory_alloc(history->count * front->k + 1, sizeof *losses);
	int rc = merits && losses ? rank_trials(merits, losses, history) : -ENOMEM;
	for (size_t j = 0; !rc && j < front->k; j++) {
		front->evidences[j].merits = merits;
		rc = gp_evidence_model(&front->models[j], &front->evidences[j], NULL);
		front->evidences[j].merits = NULL;
	}
	memory_free(merits);
	memory_free(losses);
	return rc;
}

/* ---- the front ---- */

static int compare_numbers(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

/* Where the front is being put together. */
struct front_draft {
	double *losses; /* (n, k) means of the points that can be on the front */
	size_t *points; /* (n) of the model */
	size_t *ranks;  /* (n) */
	double *places; /* (n) */
	size_t count;
};

static void list_means(struct front_draft *out, const struct gp_front *front)
{
	const struct gp_evidence *evidence = &front->evidences[0];
	for (size_t point = 0; point < front->models[0].n; point++) {
		if (point < evidence->count && !can_be_on_front(front->history, evidence->rows[point]))
			continue;
		for (size_t j = 0; j < front->k; j++)
			out->losses[out->count * front->k + j] = gp_model_mean(&front->models[j], point);
		out->points[out->count++] = point;
	}
}

/* Keeps the points that none dominates, of many those with the largest contributions. */
static int keep_front(struct front_draft *draft, size_t k)
{
	size_t kept = 0, most = points_at_most[k];
	int rc = pareto_ranks(draft->ranks, draft->losses, draft->count, k, 1);
	if (!rc)
		rc = pareto_places(draft->places, draft->losses, draft->count, k, most);
	for (size_t i = 0; !rc && i < draft->count; i++) {
		if (draft->ranks[i] > 0 || !(draft->places[i] < (double)most))
			continue;
		memmove(draft->losses + kept * k, draft->losses + i * k, k * sizeof *draft->losses);
		draft->points[kept++] = draft->points[i];
	}
	draft->count = kept;
	return rc;
}

/* The middle of an objective's first losses, as its model sees them. */
static double find_middle(const struct gp_front *front, size_t objective)
{
	const struct history *history = front->history;
	double first[MIDDLE_OF] = {0};
	size_t count = 0;
	for (size_t row = 0; row < history->count && count < MIDDLE_OF; row++)
		if (can_be_on_front(history, row))
			first[count++] = history->losses[row * front->k + objective];
	qsort(first, count, sizeof *first, compare_numbers);
	return count > 0 ? gp_evidence_target(&front->evidences[objective], first[count / 2]) : (double)INFINITY;
}

/* A little beyond the front's worst losses, but not beyond what the first trials came to in
 * the middle where something is better than that: who wants a front does not look for its far
 * ends. */
static double choose_reference(const struct gp_front *front, const struct front_draft *draft, size_t objective)
{
	double low = (double)INFINITY, high = -(double)INFINITY;
	for (size_t i = 0; i < draft->count; i++) {
		double loss = draft->losses[i * front->k + objective];
		low = fmin(low, loss);
		high = fmax(high, loss);
	}
	double middle = find_middle(front, objective);
	high = middle > low ? fmin(high, middle) : high;
	return high + (high > low ? MARGIN * (high - low) : 1);
}

/* Some points of the front to look around at. */
static void choose_near(struct gp_goal *goal, const struct gp_front *front, struct front_draft *draft, struct rng *rng)
{
	const struct gp_model *model = &front->models[0];
	goal->near_count = draft->count < GP_NEAR_POINTS ? draft->count : GP_NEAR_POINTS;
	for (size_t i = 0; i < goal->near_count; i++) {
		size_t at = i + (size_t)rng_below(rng, draft->count - i), point = draft->points[at];
		draft->points[at] = draft->points[i];
		goal->near[i] = model->x + point * model->d;
	}
}

static int gather(struct gp_goal *goal, struct gp_front *front, struct front_draft *draft, struct rng *rng)
{
	double reference[GP_LOSSES_AT_MOST];
	list_means(draft, front);
	int rc = keep_front(draft, front->k);
	if (rc)
		return rc;
	if (draft->count == 0)
		return GP_SINGULAR; /* nothing is feasible: no front tells one point from another */
	for (size_t j = 0; j < front->k; j++)
		reference[j] = choose_reference(front, draft, j);
	choose_near(goal, front, draft, rng);
	return gp_boxes_init(&front->boxes, draft->losses, draft->count, front->k, reference);
}

static int find_front(struct gp_goal *goal, struct gp_front *front, struct rng *rng)
{
	size_t n = front->models[0].n;
	struct front_draft draft = {
	        .losses = memory_alloc(n * front->k + 1, sizeof *draft.losses),
	        .points = memory_alloc(n + 1, sizeof *draft.points),
	        .ranks = memory_alloc(n + 1, sizeof *draft.ranks),
	        .places = memory_alloc(n + 1, sizeof *draft.places),
	};
	bool room = draft.losses && draft.points && draft.ranks && draft.places;
	int rc = room ? gather(goal, front, &draft, rng) : -ENOMEM;
	memory_free(draft.losses);
	memory_free(draft.points);
	memory_free(draft.ranks);
	memory_free(draft.places);
	return rc;
}

/* ---- the goal ---- */

static struct gp_marginal marginal_of(const struct gp_prediction *at)
{
	return (struct gp_marginal){.mean = at->mean, .deviation = sqrt(at->variance)};
}

/* −ln expected gain; of gp_goal. */
static double negative_log_gain(void *context, const double *x)
{
	struct gp_front *front = context;
	for (size_t j = 0; j < front->k; j++) {
		struct gp_prediction at;
		gp_model_predict(&at, &front->models[j], x);
		front->marginals[j] = marginal_of(&at);
	}
	return -gp_boxes_gain(&front->boxes, front->marginals);
}

static void negative_log_gains(void *context, const double *x, size_t count, double *values)
{
	struct gp_front *front = context;
	struct gp_prediction at[GP_LOSSES_AT_MOST][GP_SIDES];
	struct gp_marginal marginals[GP_LOSSES_AT_MOST];
	const size_t k = front->k;
	for (size_t j = 0; j < k; j++)
		gp_model_predict_all(at[j], &front->models[j], x, count);
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < k; j++)
			marginals[j] = marginal_of(&at[j][i]);
		values[i] = -gp_boxes_gain(&front->boxes, marginals);
	}
}

static void slopes_of_gain(void *context, const double *x, double *gradient)
{
	(void)x;
	struct gp_front *front = context;
	size_t d = front->models[0].d;
	double *means = front->slopes, *variances = means + d;
	gp_boxes_slopes(&front->boxes, front->marginals);
	for (size_t i = 0; i < d; i++)
		gradient[i] = 0;
	for (size_t j = 0; j < front->k; j++) {
		const struct gp_marginal *marginal = &front->marginals[j];
		double by_variance = marginal->by_deviation / (2 * marginal->deviation);
		gp_model_slopes(means, variances, &front->models[j]);
		for (size_t i = 0; i < d; i++)
			gradient[i] -= marginal->by_mean * means[i] + by_variance * variances[i];
	}
}

int gp_front_aim(struct gp_goal *goal, struct gp_front *front, struct rng *rng)
{
	*goal = (struct gp_goal){
	        .value = negative_log_gain, .slopes = slopes_of_gain, .values = negative_log_gains, .context = front};
	int rc = fit_models(front);
	return rc ? rc : find_front(goal, front, rng);
}
