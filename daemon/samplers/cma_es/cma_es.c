/* CMA-ES: covariance matrix adaptation for one objective over numbers.
 *
 * Hansen 2016, "The CMA Evolution Strategy: A Tutorial"; restarts with a doubled population as in
 * Auger & Hansen 2005, "A Restart CMA Evolution Strategy With Increasing Population Size"; stepped
 * parameters keep a margin of probability for their neighbouring values as in Hamano et al. 2022,
 * "CMA-ES with Margin".
 *
 * The state follows from the history: a generation is the next complete trials in number order,
 * wherever their points came from. When trials finish out of order, everything is learnt anew.
 * Conditional and categorical parameters are drawn from their priors. Where this differs from
 * Hamano et al.: what a stepped value was before rounding is not stored, so its cell's middle is
 * learnt from. */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/samplers/cma_es/cma.h"
#include "daemon/samplers/intake.h"
#include "daemon/samplers/normal.h"
#include "daemon/samplers/sampler_type.h"
#include "daemon/samplers/unit.h"
#include "schema/base/memory.h"
#include "schema/space/point.h"

#define REDRAWS 100          /* for a point inside the bounds, before it is pushed there */
#define POPULATION_CAP 10000 /* of restarts */
#define TOLERANCE 1e-12      /* of losses (relative) and of step sizes */
#define RESTART_STREAM 0x636d61

struct cma_es {
	const struct space *space;
	const struct history *history;
	uint64_t seed;
	size_t startup_count, population;
	double sigma; /* the first, as a share of the ranges */
	size_t dim_count;
	size_t *dims;  /* (dim_count) parameter indices */
	double *units; /* (dim_count) scratch */
	struct intake intake;
	struct cma cma;
	uint64_t restart_count;
	double flat_loss;  /* best losses have not moved from here … */
	size_t flat_count; /* … for so many generations */
};

static void cma_es_destroy(void *state)
{
	struct cma_es *es = state;
	if (!es)
		return;
	intake_finish(&es->intake);
	cma_finish(&es->cma);
	memory_free(es->dims);
	memory_free(es->units);
	memory_free(es);
}

static void list_dims(struct cma_es *es)
{
	for (size_t i = 0; i < es->space->count; i++) {
		const struct param *param = &es->space->params[i];
		if (param->kind != PARAM_CATEGORICAL && param->condition_count == 0 && !param_is_single(param))
			es->dims[es->dim_count++] = i;
	}
}

static void read_options(struct cma_es *es, const struct method *method)
{
	double population = method_number(method, "popsize"), sigma = method_number(method, "sigma0");
	es->startup_count = (size_t)method_number(method, "n_startup_trials");
	if (isnan(population))
		population = 4 + floor(3 * log((double)(es->dim_count + 1)));
	es->population = (size_t)population;
	es->sigma = isnan(sigma) ? 1.0 / 6 : sigma;
}

static int check_setup(const struct cma_es *es, struct error *error)
{
	if (es->history->objective_count != 1)
		return error_set(error, -EINVAL, "cma_es takes one objective; nsga2 and tpe take several");
	if (es->dim_count == 0)
		return error_set(error, -EINVAL, "cma_es needs a number among the parameters that are always there");
	return 0;
}

static int cma_es_create(void **state, const struct sampler_setup *setup, struct error *error)
{
	struct cma_es *es = memory_alloc(1, sizeof *es);
	if (!es)
		return error_no_memory(error);
	es->space = setup->spec->space;
	es->history = setup->history;
	es->seed = setup->seed;
	intake_init(&es->intake, setup->history);
	es->dims = memory_alloc(es->space->count + 1, sizeof *es->dims);
	es->units = memory_alloc(es->space->count + 1, sizeof *es->units);
	int rc = es->dims && es->units ? 0 : error_no_memory(error);
	if (!rc) {
		list_dims(es);
		read_options(es, setup->method);
		rc = check_setup(es, error);
	}
	if (rc) {
		cma_es_destroy(es);
		return rc;
	}
	*state = es;
	return 0;
}

/* Starts the distribution in the middle, restarts at random. */
static int start_search(struct cma_es *es, size_t population)
{
	struct rng rng;
	rng_init(&rng, rng_mix(es->seed, RESTART_STREAM), es->restart_count);
	for (size_t i = 0; i < es->dim_count; i++)
		es->units[i] = es->restart_count == 0 ? 0.5 : rng_uniform(&rng);
	cma_finish(&es->cma);
	es->flat_loss = (double)NAN;
	es->flat_count = 0;
	return cma_init(&es->cma, es->dim_count, population, es->units, es->sigma);
}

static int restart_search(struct cma_es *es)
{
	size_t population = es->cma.lambda;
	es->restart_count++;
	return start_search(es, 2 * population <= POPULATION_CAP ? 2 * population : population);
}

/* The range of unit values that round to one value of a stepped parameter. */
struct cell {
	double low, high;
	bool first, last; /* no cell below, above */
};

static struct cell find_cell(const struct param *param, double unit)
{
	double value = unit_value(param, fmin(fmax(unit, 0), 1));
	return (struct cell){
	        .low = unit_of(param, value - param->step / 2),
	        .high = unit_of(param, value + param->step / 2),
	        .first = value - param->step / 2 < param->low,
	        .last = value + param->step / 2 > param->high,
	};
}

/* At the end of the range: the mean may be so far from the only edge that `margin` is beyond it. */
static void keep_near_edge(struct cma *cma, size_t i, double edge, double margin)
{
	double gap = cma->mean[i] - edge, reach = normal_quantile(1 - margin) * cma_deviation(cma, i);
	if (fabs(gap) > reach)
		cma->mean[i] = edge + copysign(reach, gap);
}

/* Between two cells: half of `margin` at least beyond each edge (section 4.2 of the paper). */
static void keep_both_edges(struct cma *cma, size_t i, struct cell cell, double margin)
{
	double deviation = cma_deviation(cma, i);
	double below = exp(normal_log_cdf((cell.low - cma->mean[i]) / deviation));
	double above = exp(normal_log_cdf((cma->mean[i] - cell.high) / deviation));
	double inside = 1 - below - above;
	if (below >= margin / 2 && above >= margin / 2)
		return;
	double wanted_below = fmax(below, margin / 2), wanted_above = fmax(above, margin / 2);
	double share =
	        (1 - wanted_below - wanted_above - inside) / (wanted_below + wanted_above + inside - 1.5 * margin);
	wanted_below += share * (wanted_below - margin / 2);
	wanted_above += share * (wanted_above - margin / 2);
	double to_low = normal_quantile(1 - wanted_below), to_high = normal_quantile(1 - wanted_above);
	cma->scale[i] *= (cell.high - cell.low) / (deviation * (to_low + to_high));
	cma->mean[i] = (cell.low * to_high + cell.high * to_low) / (to_low + to_high);
}

/* Keeps a probability of 1 / (n λ) that a stepped parameter leaves the value of the mean. */
static void keep_margins(struct cma_es *es)
{
	struct cma *cma = &es->cma;
	double margin = fmin(1 / ((double)cma->n * (double)cma->lambda), 0.25);
	for (size_t i = 0; i < es->dim_count; i++) {
		const struct param *param = &es->space->params[es->dims[i]];
		if (param->step <= 0)
			continue;
		struct cell cell = find_cell(param, cma->mean[i]);
		if (cell.first || cell.last)
			keep_near_edge(cma, i, cell.first ? cell.high : cell.low, margin);
		else
			keep_both_edges(cma, i, cell, margin);
	}
}

/* True when the best losses have stood still for 10 + 30 n / λ generations, or all steps have
 * become tiny. */
static bool is_stuck(struct cma_es *es, double loss)
{
	const struct cma *cma = &es->cma;
	bool flat = fabs(loss - es->flat_loss) <= TOLERANCE * (1 + fabs(loss));
	es->flat_count = flat ? es->flat_count + 1 : 0;
	es->flat_loss = flat ? es->flat_loss : loss;
	bool tiny = true;
	for (size_t i = 0; i < cma->n; i++)
		tiny &= cma_deviation(cma, i) < TOLERANCE * es->sigma;
	return tiny || (double)es->flat_count >= 10 + ceil(30 * (double)cma->n / (double)cma->lambda);
}

/* Feasible trials before others, the least violation first. */
struct member {
	double violation, loss;
	size_t row;
};

static int compare_members(const void *left, const void *right)
{
	const struct member *a = left, *b = right;
	if (a->violation != b->violation)
		return a->violation < b->violation ? -1 : 1;
	if (a->loss != b->loss)
		return a->loss < b->loss ? -1 : 1;
	return (a->row > b->row) - (a->row < b->row);
}

static void set_units(const struct cma_es *es, double *units, size_t row)
{
	const double *point = history_point(es->history, row);
	for (size_t i = 0; i < es->dim_count; i++) {
		double value = point[es->dims[i]];
		units[i] = isnan(value) ? es->cma.mean[i] : unit_of(&es->space->params[es->dims[i]], value);
	}
}

static int learn_generation(struct cma_es *es, const size_t *rows)
{
	const struct history *history = es->history;
	size_t lambda = es->cma.lambda, n = es->dim_count;
	assert(n == es->cma.n);
	struct member *members = memory_alloc(lambda, sizeof *members);
	double *points = memory_alloc(lambda * n, sizeof *points);
	int rc = !members || !points ? -ENOMEM : 0;
	if (rc == 0) {
		for (size_t i = 0; i < lambda; i++) {
			double loss = history->losses[rows[i]];
			loss = isnan(loss) ? (double)INFINITY : loss;
			members[i] = (struct member){history->violations[rows[i]], loss, rows[i]};
		}
		qsort(members, lambda, sizeof *members, compare_members);
		for (size_t i = 0; i < lambda; i++)
			set_units(es, points + i * n, members[i].row);
		rc = cma_learn(&es->cma, points);
	}
	if (rc == CMA_DEGENERATE || (rc == 0 && is_stuck(es, members[0].loss)))
		rc = restart_search(es);
	memory_free(members);
	memory_free(points);
	if (rc == 0)
		keep_margins(es);
	return rc;
}

/* Learns what has come since the last call; from the beginning when the history has changed before
 * that. */
static int learn(struct cma_es *es)
{
	const size_t *rows;
	int rc = 0;
	if (es->intake.count == 0 || !intake_is_valid(&es->intake)) {
		intake_reset(&es->intake);
		es->restart_count = 0;
		rc = start_search(es, es->population);
	}
	while (rc == 0 && (rc = intake_take(&rows, &es->intake, es->cma.lambda)) == 0)
		rc = learn_generation(es, rows);
	if (rc == INTAKE_SHORT)
		return 0;
	intake_reset(&es->intake);
	return rc;
}

static bool is_inside(const double *units, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!(units[i] >= 0 && units[i] <= 1))
			return false;
	return true;
}

static int cma_es_suggest(void *state, int64_t number, struct rng *rng, double *point)
{
	(void)number;
	struct cma_es *es = state;
	if (history_told_count(es->history) >= es->startup_count) {
		int rc = learn(es);
		if (rc)
			return rc;
		cma_draw(es->units, &es->cma, rng);
		for (int i = 0; i < REDRAWS && !is_inside(es->units, es->dim_count); i++)
			cma_draw(es->units, &es->cma, rng);
		for (size_t i = 0; i < es->dim_count; i++)
			if (isnan(point[es->dims[i]]))
				point[es->dims[i]] =
				        unit_value(&es->space->params[es->dims[i]], fmin(fmax(es->units[i], 0), 1));
	}
	point_draw(es->space, point, rng);
	return 0;
}

/* The eigenvectors of a generation take time in n³, and many generations may be waiting. */
#define DIMS_AT_MOST 20

static bool cma_es_is_slow(const void *state, int64_t number)
{
	(void)number;
	const struct cma_es *es = state;
	return history_told_count(es->history) >= es->startup_count &&
	       (es->dim_count > DIMS_AT_MOST || intake_is_long(&es->intake));
}

const struct sampler_type cma_es_sampler = {
        .name = "cma_es",
        .create = cma_es_create,
        .suggest = cma_es_suggest,
        .destroy = cma_es_destroy,
        .slow = cma_es_is_slow,
};
