#include "daemon/samplers/estimates.h"

#include <assert.h>
#include <errno.h>
#include <math.h>

#include "daemon/samplers/gp/gp_evidence.h"
#include "daemon/samplers/gp/gp_search.h"
#include "daemon/samplers/history_view.h"
#include "schema/base/memory.h"

#define OWN_SHARE 0.25 /* of the noise, where nobody told how much of it is chance: the points' own */
#define CAUTION 0.5    /* standard errors that a trial to be named is marked down by */

/* The model, and which of its points are trials that can be named. */
struct judge {
	struct gp_search search;
	struct gp_evidence evidence;
	struct gp_model model;
	size_t *points;  /* (n) of the model */
	double *targets; /* (n) their means on the model's scale */
	double *slopes;  /* (n) of the value by the target, between the best mean and each */
	double *columns; /* (n, n of the model) L⁻¹ k for each */
};

static bool can_be_named(const struct judge *judge, size_t point)
{
	const struct history *history = judge->evidence.history;
	size_t row = judge->evidence.rows[point];
	return history->states[row] == TRIAL_COMPLETE && isfinite(history->losses[row]) &&
	       !(history->violations[row] > 0);
}

static double sign_of(const struct history *history)
{
	return history->objectives[0].direction == MAXIMIZE ? -1 : 1;
}

static void set_mean(struct estimates *out, struct judge *judge, size_t i)
{
	struct gp_prediction at;
	const struct history *history = judge->evidence.history;
	size_t point = judge->points[i], n = judge->model.n;
	gp_model_predict_own(&at, &judge->model, point);
	for (size_t k = 0; k < n; k++)
		judge->columns[i * n + k] = judge->model.solved[k];
	out->numbers[i] = history->numbers[judge->evidence.rows[point]];
	judge->targets[i] = at.mean;
	out->means[i] = sign_of(history) * gp_evidence_loss(&judge->evidence, at.mean, &judge->slopes[i]);
}

/* Where losses went through a logarithm the curve is steep at the bad ones: by its slope there
 * their errors would reach the best one. By the slope between both they are as far apart as in the
 * model. */
static void straighten_slopes(struct estimates *out, struct judge *judge)
{
	size_t best = 0;
	for (size_t i = 1; i < out->count; i++)
		best = judge->targets[i] < judge->targets[best] ? i : best;
	for (size_t i = 0; i < out->count; i++) {
		double behind = judge->targets[i] - judge->targets[best];
		if (behind > 0)
			judge->slopes[i] = fabs(out->means[i] - out->means[best]) / behind;
	}
}

/* Σ = k(a, b) − (L⁻¹ k_a)·(L⁻¹ k_b), times both slopes; k has what is the points' own, too. */
static void set_covariance(struct estimates *out, struct judge *judge)
{
	size_t count = out->count, n = judge->model.n, d = judge->model.d;
	for (size_t i = 0; i < count; i++) {
		gp_kernel_row(judge->model.column, &judge->model.kernel, judge->model.x + judge->points[i] * d);
		for (size_t j = 0; j < count; j++) {
			double known = 0;
			for (size_t k = 0; k < n; k++)
				known += judge->columns[i * n + k] * judge->columns[j * n + k];
			double left = judge->model.column[judge->points[j]] - known;
			left += gp_model_own(&judge->model, judge->points[i], judge->points[j]);
			left = i == j ? fmax(left, 0) : left;
			out->covariance[i * count + j] = left * judge->slopes[i] * judge->slopes[j];
		}
	}
}

static int make_room(struct estimates *out, struct judge *judge)
{
	size_t most = judge->evidence.count;
	judge->points = memory_alloc(most, sizeof *judge->points);
	judge->targets = memory_alloc(most, sizeof *judge->targets);
	judge->slopes = memory_alloc(most, sizeof *judge->slopes);
	judge->columns = memory_alloc(most * judge->model.n, sizeof *judge->columns);
	out->numbers = memory_alloc(most, sizeof *out->numbers);
	out->means = memory_alloc(most, sizeof *out->means);
	out->covariance = memory_alloc(most * most, sizeof *out->covariance);
	return judge->points && judge->targets && judge->slopes && judge->columns && out->numbers && out->means &&
	                       out->covariance
	               ? 0
	               : -ENOMEM;
}

static int estimate(struct estimates *out, struct judge *judge)
{
	int rc = make_room(out, judge);
	if (rc)
		return rc;
	for (size_t point = 0; point < judge->evidence.count; point++)
		if (can_be_named(judge, point))
			judge->points[out->count++] = point;
	if (out->count == 0)
		return ESTIMATES_NONE;
	for (size_t i = 0; i < out->count; i++)
		set_mean(out, judge, i);
	straighten_slopes(out, judge);
	set_covariance(out, judge);
	double slope = judge->slopes[estimates_best(out, judge->evidence.history)];
	double noise = exp(judge->model.theta[GP_NOISE(judge->model.d)]);
	out->noise = slope * sqrt(fmax(noise - judge->model.own, 0));
	return 0;
}

static void judge_finish(struct judge *judge)
{
	gp_model_finish(&judge->model);
	gp_evidence_finish(&judge->evidence);
	gp_search_finish(&judge->search);
	memory_free(judge->points);
	memory_free(judge->targets);
	memory_free(judge->slopes);
	memory_free(judge->columns);
}

static bool can_be_estimated(const struct history *history)
{
	return history->objective_count == 1 && history->space->count <= GP_DIMS_AT_MOST &&
	       history_count(history, TRIAL_COMPLETE) >= ESTIMATES_FROM;
}

int estimates_make(struct estimates *out, const struct history *history, const int64_t *spared)
{
	struct judge judge = {0};
	struct estimates estimates = {0};
	if (!can_be_estimated(history))
		return ESTIMATES_NONE;
	int rc = gp_search_init(&judge.search, history->space);
	if (!rc)
		rc = gp_evidence_init(&judge.evidence, history, &judge.search);
	judge.evidence.judges = true;
	judge.evidence.spared = spared;
	if (!rc && judge.search.d == 0)
		rc = ESTIMATES_NONE;
	if (!rc)
		rc = gp_evidence_model(&judge.model, &judge.evidence, NULL);
	if (!rc && !judge.evidence.noise_is_told)
		rc = gp_model_set_own(&judge.model, OWN_SHARE);
	if (!rc)
		rc = estimate(&estimates, &judge);
	judge_finish(&judge);
	if (rc)
		estimates_finish(&estimates);
	else
		*out = estimates;
	return rc == GP_SINGULAR ? ESTIMATES_NONE : rc;
}

void estimates_finish(struct estimates *estimates)
{
	memory_free(estimates->numbers);
	memory_free(estimates->means);
	memory_free(estimates->covariance);
	*estimates = (struct estimates){0};
}

size_t estimates_best(const struct estimates *estimates, const struct history *history)
{
	double sign = sign_of(history), least = (double)INFINITY;
	size_t best = 0, n = estimates->count;
	assert(n > 0);
	for (size_t i = 0; i < n; i++) {
		double loss = sign * estimates->means[i] + CAUTION * sqrt(estimates->covariance[i * n + i]);
		if (loss < least)
			best = i;
		least = fmin(least, loss);
	}
	return best;
}
