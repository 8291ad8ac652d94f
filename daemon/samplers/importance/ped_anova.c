/* PED-ANOVA (Watanabe, Bansal & Hutter 2023, "PED-ANOVA: Efficiently Quantifying Hyperparameter
 * Importance in Arbitrary Subspaces"): a parameter matters as much as its distribution among the
 * best tenth of the trials differs, by the Pearson divergence, from that among all. Conditional
 * parameters count where they are active, as in "Conditional PED-ANOVA" (2026). Choices that the
 * papers leave open are Optuna 5's, so that the numbers are the same. */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/samplers/importance/cells.h"
#include "daemon/samplers/importance/importance_type.h"
#include "daemon/samplers/normal.h"
#include "daemon/samplers/pareto.h"
#include "schema/base/memory.h"

#define TOP_SHARE 0.1
#define PRIOR_WEIGHT 1.0
#define NARROWEST (0.5 / 1.64) /* kernel width, in cells: 90 % of the kernel stay in its cell */
#define DENSITY_FLOOR 1e-12

/* ---- the best tenth ---- */

static int compare_numbers(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

/* All trials as good as the last of the tenth belong to it. */
static int pick_best(bool *top, const struct evidence *evidence, size_t wanted)
{
	assert(wanted >= 1 && wanted <= evidence->count);
	const struct history *history = evidence->history;
	double *sorted = memory_alloc(evidence->count, sizeof *sorted);
	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < evidence->count; i++)
		sorted[i] = history->losses[evidence->rows[i] * history->objective_count + evidence->objective];
	qsort(sorted, evidence->count, sizeof *sorted, compare_numbers);
	for (size_t i = 0; i < evidence->count; i++)
		top[i] = history->losses[evidence->rows[i] * history->objective_count + evidence->objective] <=
		         sorted[wanted - 1];
	memory_free(sorted);
	return 0;
}

static int pick_front(bool *top, const struct evidence *evidence, size_t wanted)
{
	const struct history *history = evidence->history;
	size_t k = history->objective_count;
	double *losses = memory_alloc(evidence->count * k, sizeof *losses);
	double *places = memory_alloc(evidence->count, sizeof *places);
	int rc = !losses || !places ? -ENOMEM : 0;
	for (size_t i = 0; !rc && i < evidence->count; i++)
		memcpy(losses + i * k, history->losses + evidence->rows[i] * k, k * sizeof *losses);
	if (!rc)
		rc = pareto_places(places, losses, evidence->count, k, wanted);
	for (size_t i = 0; !rc && i < evidence->count; i++)
		top[i] = places[i] < (double)wanted;
	memory_free(losses);
	memory_free(places);
	return rc;
}

/* ---- a density on the cells ---- */

/* How often each cell was hit. */
struct cell_tally {
	double *hits; /* (cells) */
	double total;
};

/* Where the running sum of the hits first exceeds `mark`, or reaches it; the last cell hit if it
 * never does. */
static double cell_at(const struct cell_tally *tally, size_t cell_count, double mark, bool reaches)
{
	double sum = 0;
	size_t at = 0;
	for (size_t cell = 0; cell < cell_count; cell++) {
		if (tally->hits[cell] == 0)
			continue;
		at = cell;
		sum += tally->hits[cell];
		if (reaches ? sum >= mark : sum > mark)
			break;
	}
	return (double)at;
}

/* Scott's rule (Scott 1992, "Multivariate Density Estimation"), in cells. */
static double kernel_width(const struct cell_tally *tally, size_t cell_count)
{
	double mean = 0, squares = 0;
	for (size_t cell = 0; cell < cell_count; cell++)
		mean += (double)cell * tally->hits[cell] / tally->total;
	for (size_t cell = 0; cell < cell_count; cell++)
		squares += ((double)cell - mean) * ((double)cell - mean) * tally->hits[cell];
	double spread = sqrt(squares / fmax(1, tally->total - 1));
	double quartiles = cell_at(tally, cell_count, floor(tally->total * 3 / 4), false) -
	                   cell_at(tally, cell_count, floor(tally->total / 4), true);
	return fmax(1.059 * fmin(quartiles / 1.34, spread) * pow(tally->total, -0.2), NARROWEST);
}

/* Adds weight × a normal around `middle`, cut to the cells. */
static void add_normal(double *density, size_t cell_count, double middle, double width, double weight)
{
	double last = (double)cell_count - 0.5;
	double whole = normal_log_mass((-0.5 - middle) / width, (last - middle) / width);
	for (size_t cell = 0; cell < cell_count; cell++) {
		double left = ((double)cell - 0.5 - middle) / width, right = left + 1 / width;
		density[cell] += weight * exp(normal_log_mass(left, right) - whole);
	}
}

static void number_density(double *density, const struct cell_tally *tally, size_t cell_count)
{
	double width = kernel_width(tally, cell_count), all = tally->total + PRIOR_WEIGHT, n = (double)cell_count;
	for (size_t cell = 0; cell < cell_count; cell++)
		if (tally->hits[cell] > 0)
			add_normal(density, cell_count, (double)cell, width, tally->hits[cell] / all);
	add_normal(density, cell_count, (n - 1) / 2, n, PRIOR_WEIGHT / all);
}

/* One kernel for each choice that was hit, smoothed by an even part, and one even kernel. */
static void choice_density(double *density, const struct cell_tally *tally, size_t cell_count)
{
	double kernels = 1, all = tally->total + PRIOR_WEIGHT, n = (double)cell_count;
	for (size_t cell = 0; cell < cell_count; cell++)
		kernels += tally->hits[cell] > 0;
	double even = PRIOR_WEIGHT / kernels, sum = 1 + n * even;
	for (size_t cell = 0; cell < cell_count; cell++)
		density[cell] = (tally->total * even + tally->hits[cell]) / sum / all + PRIOR_WEIGHT / all / n;
}

static double divergence(const double *top, const double *all, size_t cell_count)
{
	double sum = 0;
	for (size_t cell = 0; cell < cell_count; cell++) {
		double here = all[cell] + DENSITY_FLOOR, ratio = (top[cell] + DENSITY_FLOOR) / here - 1;
		sum += here * ratio * ratio;
	}
	return sum;
}

/* ---- one parameter ---- */

/* The trials in which the parameter is active, on its cells: the best ones and all. */
static void count_hits(
        struct cell_tally *best, struct cell_tally *all, const struct evidence *evidence, const bool *top, size_t p)
{
	struct cells cells = cells_of(&evidence->history->space->params[p]);
	for (size_t i = 0; i < evidence->count; i++) {
		double value = history_point(evidence->history, evidence->rows[i])[p];
		if (isnan(value))
			continue;
		size_t cell = cells_find(&cells, value);
		all->hits[cell]++;
		all->total++;
		best->hits[cell] += top[i];
		best->total += top[i];
	}
}

/* Without the factor (best / all)², which is the same for every parameter. */
static int weigh_param(double *weight, const struct evidence *evidence, const bool *top, double top_count, size_t p)
{
	const struct param *param = &evidence->history->space->params[p];
	size_t n = cells_of(param).count;
	double *room = memory_alloc(4 * n, sizeof *room);
	if (!room)
		return -ENOMEM;
	struct cell_tally best = {room, 0}, all = {room + n, 0};
	count_hits(&best, &all, evidence, top, p);
	if (best.total > 0 && all.total >= 2) {
		void (*density)(double *, const struct cell_tally *, size_t) =
		        param->kind == PARAM_CATEGORICAL ? choice_density : number_density;
		density(room + 2 * n, &best, n);
		density(room + 3 * n, &all, n);
		double among_best = best.total / top_count, among_all = all.total / (double)evidence->count;
		*weight += among_best * among_best / among_all * divergence(room + 2 * n, room + 3 * n, n);
	}
	memory_free(room);
	return 0;
}

static int weigh(double *weights, const struct evidence *evidence)
{
	size_t wanted = (size_t)ceil(TOP_SHARE * (double)evidence->count);
	bool *top = memory_alloc(evidence->count, sizeof *top);
	if (!top)
		return -ENOMEM;
	int rc = (evidence->objective == OBJECTIVE_ALL ? pick_front : pick_best)(top, evidence, wanted);
	double top_count = 0;
	for (size_t i = 0; i < evidence->count; i++)
		top_count += top[i];
	const struct space *space = evidence->history->space;
	for (size_t p = 0; p < space->count && !rc; p++)
		if (!isnan(weights[p]) && !param_is_single(&space->params[p]))
			rc = weigh_param(&weights[p], evidence, top, top_count, p);
	memory_free(top);
	return rc;
}

const struct importance_type ped_anova = {.name = "ped_anova", .several = true, .weigh = weigh};
