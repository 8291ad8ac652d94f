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
#define USABLE 1e150    /* losses below */
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

/* NAN for a trial without a value that a model can take: beyond USABLE squares are infinite. */
static double told_loss(const struct gp_evidence *evidence, size_t row)
{
	const struct history *history = evidence->history;
	double loss = (double)NAN;
	if (history->states[row] == TRIAL_COMPLETE)
		loss = history->losses[row * history->objective_count + evidence->objective];
	else if (history->states[row] == TRIAL_PRUNED && history->objective_count == 1)
		loss = history->estimates[row];
	return fabs(loss) < USABLE ? loss : (double)NAN;
}

/* A judge goes by values alone. For a search a point that failed or was stopped is tried, too: what
 * the model does not know would be proposed again and again. */
static bool is_listed(const struct gp_evidence *evidence, size_t row)
{
	return evidence->judges ? isfinite(told_loss(evidence, row)) : evidence->history->states[row] != TRIAL_RUNNING;
}

static void list_finished(struct gp_evidence *evidence)
{
	evidence->count = 0;
	for (size_t row = 0; row < evidence->history->count; row++)
		if (is_listed(evidence, row))
			evidence->rows[evidence->count++] = row;
}

/* The worst of the finite losses, and the one that three quarters do not exceed; zeros where there
 * is none. */
static void find_poor_and_worst(double *poor, double *worst, struct gp_evidence *evidence)
{
	size_t known = 0;
	*poor = *worst = 0;
	for (size_t i = 0; i < evidence->count; i++) {
		double loss = evidence->losses[i];
		if (!isfinite(loss))
			continue;
		*worst = known > 0 ? fmax(*worst, loss) : loss;
		evidence->scratch[known++] = loss;
	}
	if (known > 0)
		*poor = find_ranked(evidence->scratch, known, 3 * known / 4);
}

/* Trials that are infeasible or whose loss is infinite get the worst finite loss. Those without
 * any, which failed or were stopped, get a poor one: enough to look elsewhere, and no wall around
 * a good place where one failed by chance. */
static void fill_in(struct gp_evidence *evidence)
{
	const struct history *history = evidence->history;
	double poor, worst;
	find_poor_and_worst(&poor, &worst, evidence);
	for (size_t i = 0; i < evidence->count; i++) {
		size_t row = evidence->rows[i];
		if (history->violations[row] > 0)
			evidence->losses[i] = worst;
		else if (!isfinite(evidence->losses[i]))
			evidence->losses[i] = history->states[row] == TRIAL_COMPLETE ? worst : poor;
	}
}

/* The losses of the listed trials, each of them finite. */
static void set_losses(struct gp_evidence *evidence, struct rng *rng)
{
	bool weighed = rng && evidence->history->objective_count > 1;
	for (size_t i = 0; i < evidence->count && !weighed; i++)
		evidence->losses[i] = told_loss(evidence, evidence->rows[i]);
	if (weighed)
		scalarise(evidence, evidence->count, rng);
	if (!evidence->judges)
		fill_in(evidence);
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

static bool is_spared(const struct gp_evidence *evidence, size_t i)
{
	return evidence->spared && evidence->history->numbers[evidence->rows[i]] == *evidence->spared;
}

/* Of more than GP_POINTS_AT_MOST trials, keeps the newest half of so many and the best of the
 * others, and the spared one. */
static void thin_out(struct gp_evidence *evidence)
{
	size_t count = evidence->count, half = GP_POINTS_AT_MOST / 2, kept = 0;
	if (count <= GP_POINTS_AT_MOST)
		return;
	size_t newest = count - half;
	double bar = find_ranked(copy_merits(evidence, newest), newest, half - 1);
	for (size_t i = 0; i < count; i++) {
		if (i < newest && (merit_of(evidence, i) > bar || kept >= half) && !is_spared(evidence, i))
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

/* The best first, among equals the older. */
static void sort_by_merit(struct gp_evidence *evidence)
{
	for (size_t i = 1; i < evidence->count; i++)
		for (size_t at = i; at > 0 && merit_of(evidence, at) < merit_of(evidence, at - 1); at--)
			swap_rows(evidence, at, at - 1);
}

/* Puts the trials first that the hyperparameters are fitted to: a third are the best ones, the
 * others lie evenly between these and the worst, so that accidents count by their share. */
static void put_fit_first(struct gp_evidence *evidence)
{
	size_t good = FIT_POINTS / 3, others = FIT_POINTS - good;
	if (evidence->count <= FIT_POINTS)
		return;
	sort_by_merit(evidence);
	for (size_t i = 0; i < others; i++)
		swap_rows(evidence, good + i, good + i * (evidence->count - good) / others);
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
	evidence->noise_is_told = pooled > 0;
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
	for (size_t i = 0; i < count; i++) /* on the scale that the hyperparameters were fitted on */
		model->y[i] = gp_evidence_target(evidence, evidence->losses[i]);
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

/* How many running trials the model takes. */
static size_t count_running(const struct gp_evidence *evidence)
{
	size_t running = evidence->judges ? 0 : history_count(evidence->history, TRIAL_RUNNING);
	return running < GP_POINTS_AT_MOST / 3 ? running : GP_POINTS_AT_MOST / 3;
}

/* Adds the newest running trials behind the others with the means that the model predicts. */
static int add_running(struct gp_evidence *evidence, struct gp_model *model, size_t running)
{
	const struct history *history = evidence->history;
	size_t total = evidence->count, older = history_count(history, TRIAL_RUNNING) - running;
	for (size_t row = 0; row < history->count && total < evidence->count + running; row++) {
		struct gp_prediction at;
		if (history->states[row] != TRIAL_RUNNING)
			continue;
		if (older > 0) {
			older--;
			continue;
		}
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
	list_finished(evidence);
	set_losses(evidence, rng);
	if (evidence->count == 0)
		return GP_SINGULAR;
	thin_out(evidence);
	put_fit_first(evidence);
	size_t running = count_running(evidence);
	int rc = gp_model_init(model, evidence->count + running, search->d, search->categorical);
	if (!rc)
		rc = fit_to_complete(evidence, model);
	return rc ? rc : add_running(evidence, model, running);
}
