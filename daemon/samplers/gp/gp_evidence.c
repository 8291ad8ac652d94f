#include "daemon/samplers/gp/gp_evidence.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/samplers/history.h"
#include "schema/base/array.h"
#include "schema/base/memory.h"

#define FIT_POINTS 80   /* of those in the model, for the hyperparameters */
#define BEND_MARGIN 3.0 /* by how much likelier (in ln) a logarithm has to be: it magnifies noise near the best */

int gp_evidence_init(struct gp_evidence *evidence, const struct history *history, const struct gp_search *search)
{
	*evidence = (struct gp_evidence){.history = history, .search = search};
	evidence->theta = memory_alloc(GP_THETA_COUNT(search->d), sizeof *evidence->theta);
	return evidence->theta ? 0 : -ENOMEM;
}

void gp_evidence_finish(struct gp_evidence *evidence)
{
	memory_free(evidence->rows);
	memory_free(evidence->losses);
	memory_free(evidence->scratch);
	memory_free(evidence->theta);
	*evidence = (struct gp_evidence){0};
}

static int reserve(struct gp_evidence *evidence, size_t count)
{
	if (count < evidence->capacity)
		return 0;
	struct array_growth growth = array_growth_begin(evidence->capacity, count + 1);
	array_resize(evidence->rows, &growth, 1);
	array_resize(evidence->losses, &growth, 1);
	array_resize(evidence->scratch, &growth, 1);
	return array_growth_end(&evidence->capacity, &growth);
}

static int compare_numbers(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

/* The smallest and largest finite loss of one objective among the listed rows. */
static void find_range(double *low, double *high, const struct gp_evidence *evidence, size_t count, size_t objective)
{
	*low = (double)INFINITY;
	*high = -(double)INFINITY;
	for (size_t i = 0; i < count; i++) {
		double loss =
		        evidence->history->losses[evidence->rows[i] * evidence->history->objective_count + objective];
		*low = isfinite(loss) ? fmin(*low, loss) : *low;
		*high = isfinite(loss) ? fmax(*high, loss) : *high;
	}
}

/* ParEGO: max_j λ_j f_j + 0.05 Σ_j λ_j f_j with losses f scaled to [0, 1] and weights λ drawn for
 * this trial. */
static void scalarise(struct gp_evidence *evidence, size_t count, struct rng *rng)
{
	const struct history *history = evidence->history;
	double weight_sum = 0;
	memset(evidence->losses, 0, count * sizeof *evidence->losses);
	memset(evidence->scratch, 0, count * sizeof *evidence->scratch);
	for (size_t j = 0; j < history->objective_count; j++) {
		double low, high, weight = -log(1 - rng_uniform(rng));
		find_range(&low, &high, evidence, count, j);
		weight_sum += weight;
		for (size_t i = 0; i < count && high > low; i++) {
			double loss = history->losses[evidence->rows[i] * history->objective_count + j];
			double term = weight * (loss - low) / (high - low);
			evidence->losses[i] = fmax(evidence->losses[i], term);
			evidence->scratch[i] += term;
		}
	}
	for (size_t i = 0; i < count; i++)
		evidence->losses[i] = (evidence->losses[i] + 0.05 * evidence->scratch[i]) / weight_sum;
}

/* True for what a model of one objective can learn from. */
static bool is_told(const struct history *history, size_t row)
{
	return history->states[row] == TRIAL_COMPLETE ||
	       (history->states[row] == TRIAL_PRUNED && history->objective_count == 1 &&
	               isfinite(history->estimates[row]));
}

static double told_loss(const struct gp_evidence *evidence, size_t row)
{
	const struct history *history = evidence->history;
	return history->states[row] == TRIAL_COMPLETE
	               ? history->losses[row * history->objective_count + evidence->objective]
	               : history->estimates[row];
}

/* Lists finished trials and their losses; infeasible and infinite ones get the worst finite
 * loss. */
static size_t list_finished(struct gp_evidence *evidence, struct rng *rng)
{
	const struct history *history = evidence->history;
	size_t count = 0;
	bool weighed = rng && history->objective_count > 1;
	for (size_t row = 0; row < history->count; row++)
		if (is_told(history, row))
			evidence->rows[count++] = row;
	if (weighed)
		scalarise(evidence, count, rng);
	double worst = -(double)INFINITY;
	for (size_t i = 0; i < count; i++) {
		if (!weighed)
			evidence->losses[i] = told_loss(evidence, evidence->rows[i]);
		if (isfinite(evidence->losses[i]))
			worst = fmax(worst, evidence->losses[i]);
	}
	for (size_t i = 0; i < count; i++)
		if (!isfinite(evidence->losses[i]) || history->violations[evidence->rows[i]] > 0)
			evidence->losses[i] = isfinite(worst) ? worst : 0;
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

/* By what the i-th trial is kept. */
static double merit_of(const struct gp_evidence *evidence, size_t i)
{
	return evidence->merits ? evidence->merits[evidence->rows[i]] : evidence->losses[i];
}

static double *copy_merits(const struct gp_evidence *evidence, size_t count)
{
	for (size_t i = 0; i < count; i++)
		evidence->scratch[i] = merit_of(evidence, i);
	return evidence->scratch;
}

/* Of more than GP_POINTS_AT_MOST trials, keeps the newest half of so many and the best of the
 * others. */
static void thin_out(struct gp_evidence *evidence)
{
	size_t count = evidence->count, half = GP_POINTS_AT_MOST / 2, kept = 0;
	if (count <= GP_POINTS_AT_MOST)
		return;
	size_t newest = count - half;
	double bar = find_ranked(copy_merits(evidence, newest), newest, half - 1);
	for (size_t i = 0; i < count; i++) {
		if (i < newest && (merit_of(evidence, i) > bar || kept >= half))
			continue;
		evidence->rows[kept] = evidence->rows[i];
		evidence->losses[kept++] = evidence->losses[i];
	}
	evidence->count = kept;
}

static void swap_rows(struct gp_evidence *evidence, size_t a, size_t b)
{
	size_t row = evidence->rows[a];
	double loss = evidence->losses[a];
	evidence->rows[a] = evidence->rows[b];
	evidence->losses[a] = evidence->losses[b];
	evidence->rows[b] = row;
	evidence->losses[b] = loss;
}

/* Puts the trials first that the hyperparameters are fitted to: a third are the best ones, the
 * others come from the whole study. */
static void put_fit_first(struct gp_evidence *evidence)
{
	size_t count = evidence->count, good = 0;
	if (count <= FIT_POINTS)
		return;
	double *sorted = copy_merits(evidence, count);
	qsort(sorted, count, sizeof *sorted, compare_numbers);
	for (size_t i = 0; i < count && good < FIT_POINTS / 3; i++)
		if (merit_of(evidence, i) <= sorted[FIT_POINTS / 3 - 1])
			swap_rows(evidence, good++, i);
	size_t stride = (count - good) / (FIT_POINTS - good);
	for (size_t i = good; i < FIT_POINTS; i++)
		swap_rows(evidence, i, good + (i - good) * stride);
}

static double bend(const struct gp_shape *shape, double loss)
{
	double above = loss - shape->best;
	return shape->unit > 0 ? log1p(above / shape->unit) : above;
}

/* Targets with mean 0 and deviation 1; returns Σ ln |d target / d loss|, which makes likelihoods
 * comparable. */
static double set_targets(double *y, const double *losses, size_t count, struct gp_shape *shape)
{
	double mean = 0, square = 0, log_slopes = 0;
	for (size_t i = 0; i < count; i++) {
		y[i] = bend(shape, losses[i]);
		log_slopes -= shape->unit > 0 ? log(shape->unit + losses[i] - shape->best) : 0;
		mean += y[i] / (double)count;
	}
	for (size_t i = 0; i < count; i++)
		square += (y[i] - mean) * (y[i] - mean) / (double)count;
	shape->mean = mean;
	shape->scale = square > 0 ? 1 / sqrt(square) : 1;
	for (size_t i = 0; i < count; i++)
		y[i] = (y[i] - mean) * shape->scale;
	return log_slopes + (double)count * log(shape->scale);
}

double gp_evidence_target(const struct gp_evidence *evidence, double loss)
{
	return (bend(&evidence->shape, fmax(loss, evidence->shape.best)) - evidence->shape.mean) *
	       evidence->shape.scale;
}

double gp_evidence_loss(const struct gp_evidence *evidence, double target, double *slope)
{
	const struct gp_shape *shape = &evidence->shape;
	double bent = target / shape->scale + shape->mean;
	*slope = (shape->unit > 0 ? shape->unit * exp(bent) : 1) / shape->scale;
	return shape->best + (shape->unit > 0 ? shape->unit * expm1(bent) : bent);
}

/* The mean variance of those complete trials that have one; 0 = none, and of several objectives
 * none is told. */
static double pool_variances(const struct gp_evidence *evidence)
{
	const struct history *history = evidence->history;
	double sum = 0, known = 0;
	for (size_t i = 0; i < evidence->count && history->objective_count == 1; i++) {
		size_t row = evidence->rows[i];
		if (history->states[row] != TRIAL_COMPLETE || !(history->variances[row] > 0))
			continue;
		sum += history->variances[row];
		known++;
	}
	return known > 0 ? sum / known : 0;
}

/* Each loss's share of the noise: its own variance where it has one. */
static void set_noises(struct gp_model *model, const struct gp_evidence *evidence, double pooled)
{
	for (size_t i = 0; i < evidence->count; i++) {
		double variance = evidence->history->variances[evidence->rows[i]];
		model->noises[i] = pooled > 0 && variance > 0 ? variance / pooled : 1;
	}
}

/* ln of the pooled variance as targets have it, half-way up to the middle loss; 0 = none. */
static double log_noise_of(const struct gp_shape *shape, double pooled, double middle)
{
	double slope = shape->unit > 0 ? shape->scale / (shape->unit + middle / 2) : shape->scale;
	return pooled > 0 ? fmin(log(pooled * slope * slope), -1e-3) : 0;
}

/* Fits transformed losses, each transformation more curved than the one before, as long as that is
 * clearly likelier; keeps the likeliest. */
static int fit_best_shape(struct gp_evidence *evidence, struct gp_model *model)
{
	size_t count = evidence->count, width = GP_THETA_COUNT(evidence->search->d);
	double *sorted = evidence->scratch, *theta = evidence->theta, least = (double)INFINITY;
	memcpy(sorted, evidence->losses, count * sizeof *sorted);
	qsort(sorted, count, sizeof *sorted, compare_numbers);
	double best = sorted[0], middle = sorted[count / 2] - best;
	struct gp_shape shapes[] = {{.best = best}, {best, middle, 0, 1}, {best, middle / 10, 0, 1}};
	struct gp_fit fit = {.noiseless = evidence->noiseless};
	double pooled = pool_variances(evidence);
	set_noises(model, evidence, pooled);
	for (size_t i = 0; i < (middle > 0 ? 3 : 1); i++) {
		model->n = count < FIT_POINTS ? count : FIT_POINTS;
		double misfit, log_slopes = set_targets(model->y, evidence->losses, model->n, &shapes[i]);
		fit.log_noise = log_noise_of(&shapes[i], pooled, middle);
		int rc = gp_model_fit(&misfit, model, &fit);
		if (rc < 0)
			return rc;
		bool better = !rc && misfit - log_slopes < least - (isfinite(least) ? BEND_MARGIN : 0);
		if (!better && isfinite(least))
			break;
		if (!better)
			continue; /* the next one may be finite */
		least = misfit - log_slopes;
		evidence->shape = shapes[i];
		memcpy(theta, model->theta, width * sizeof *theta);
		fit.start = theta;
	}
	if (!isfinite(least))
		return GP_SINGULAR;
	memcpy(model->theta, theta, width * sizeof *theta);
	model->n = count;
	set_targets(model->y, evidence->losses, count, &evidence->shape);
	return gp_model_condition(model);
}

static void set_point(struct gp_model *model, size_t i, const struct gp_evidence *evidence, size_t row)
{
	const struct gp_search *search = evidence->search;
	const double *point = history_point(evidence->history, row);
	for (size_t k = 0; k < search->d; k++) {
		size_t index = search->dims[k];
		model->x[i * search->d + k] = gp_search_to_unit(&search->space->params[index], point[index]);
	}
}

/* Adds running trials behind the complete ones with the means that the model predicts. */
static int add_running(struct gp_evidence *evidence, struct gp_model *model, size_t running)
{
	const struct history *history = evidence->history;
	size_t total = evidence->count;
	for (size_t row = 0; row < history->count && total < evidence->count + running; row++) {
		struct gp_prediction at;
		if (history->states[row] != TRIAL_RUNNING)
			continue;
		set_point(model, total, evidence, row);
		gp_model_predict(&at, model, model->x + total * evidence->search->d);
		model->y[total] = at.mean;
		total++;
	}
	model->n = total;
	return total > evidence->count ? gp_model_condition(model) : 0;
}

static int fit_to_complete(struct gp_evidence *evidence, struct gp_model *model)
{
	for (size_t i = 0; i < evidence->count; i++)
		set_point(model, i, evidence, evidence->rows[i]);
	model->n = evidence->count;
	return fit_best_shape(evidence, model);
}

int gp_evidence_model(struct gp_model *model, struct gp_evidence *evidence, struct rng *rng)
{
	const struct gp_search *search = evidence->search;
	*model = (struct gp_model){0};
	if (reserve(evidence, evidence->history->count) != 0)
		return -ENOMEM;
	evidence->count = list_finished(evidence, rng);
	thin_out(evidence);
	put_fit_first(evidence);
	size_t running = history_count(evidence->history, TRIAL_RUNNING);
	running = running < GP_POINTS_AT_MOST / 3 ? running : GP_POINTS_AT_MOST / 3;
	int rc = gp_model_init(model, evidence->count + running, search->d, search->categorical);
	if (!rc)
		rc = fit_to_complete(evidence, model);
	return rc ? rc : add_running(evidence, model, running);
}
