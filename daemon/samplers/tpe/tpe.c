/* Tree-structured Parzen estimator.
 *
 * Bergstra, Bardenet, Bengio & Kégl 2011, "Algorithms for Hyper-Parameter Optimization"; the
 * variants and defaults are those of Optuna 5 (Akiba et al. 2019; Watanabe 2023). Candidates are
 * drawn from l(x), the density of the good trials, and the one with the largest l(x) / g(x) wins, g
 * being the density of the others. Running trials count in g ("constant liar").
 *
 * Where trials are pruned, a share of them is drawn from the prior, as in BOHB (Falkner, Klein &
 * Hutter 2018, "BOHB: Robust and Efficient Hyperparameter Optimization at Scale"), and kernels stay
 * as wide as Optuna 4 made those of joint models (Scott 1992, "Multivariate Density Estimation"): a
 * look elsewhere costs an epoch or two there, and without both a search of a thousand short trials
 * ends crowded around its first good ones.
 *
 * Where this differs from Optuna: in those two; among equal values in one dimension the older trial
 * comes first when kernel widths are set (Optuna leaves it to an unstable sort), and a running
 * trial counts with the whole point it was handed out with. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/samplers/sampler_type.h"
#include "daemon/samplers/tpe/parzen.h"
#include "daemon/samplers/tpe/parzen_density.h"
#include "daemon/samplers/tpe/split.h"
#include "schema/base/array.h"
#include "schema/base/memory.h"
#include "schema/space/point.h"

#define PRUNED_FRACTION (1.0 / 3) /* BOHB's ρ */
#define PRUNED_FLOOR 0.2          /* of Optuna 4's joint kernels */

/* Parameters that are modelled jointly, with both densities. g is kept from one trial to the
 * next. */
struct joint_model {
	size_t dim_count;
	size_t *dims; /* (dim_count) parameter indices */
	struct parzen below, above;
	uint64_t layout; /* of the history when `above` was fitted last */
	bool used;       /* by the suggestion under way */
};

struct tpe {
	const struct space *space;
	const struct history *history;
	struct parzen_options options;
	size_t startup_count, candidate_count;
	double random_fraction; /* of the trials after the start-up */
	bool multivariate, group, constant_liar;
	size_t model_count, model_capacity;
	struct joint_model **models;
	size_t row_capacity;
	uint8_t *sides, *wanted; /* (history count) */
	double *below_points;    /* (below count, space count) */
	size_t below_capacity;
	size_t *dims;              /* (space count) scratch */
	uint8_t *pending;          /* (space count) parameters still to be grouped */
	double *candidate, *drawn; /* (space count) */
};

static void joint_model_destroy(struct joint_model *model)
{
	if (!model)
		return;
	parzen_finish(&model->below);
	parzen_finish(&model->above);
	memory_free(model->dims);
	memory_free(model);
}

static void tpe_destroy(void *state)
{
	struct tpe *tpe = state;
	if (!tpe)
		return;
	for (size_t i = 0; i < tpe->model_count; i++)
		joint_model_destroy(tpe->models[i]);
	memory_free(tpe->models);
	memory_free(tpe->sides);
	memory_free(tpe->wanted);
	memory_free(tpe->below_points);
	memory_free(tpe->dims);
	memory_free(tpe->pending);
	memory_free(tpe->candidate);
	memory_free(tpe->drawn);
	memory_free(tpe);
}

/* `auto` stops only what it can tell from the good ones, and says what that is worth. */
static bool prunes(const struct study_spec *spec)
{
	for (size_t i = 0; i < spec->pruner_count; i++) {
		const char *name = spec->pruners[i].info->name;
		if (strcmp(name, "none") != 0 && strcmp(name, "auto") != 0)
			return true;
	}
	return false;
}

static double number_or(const struct method *method, const char *option, double otherwise)
{
	double number = method_number(method, option);
	return isnan(number) ? otherwise : number;
}

static void read_options(struct tpe *tpe, const struct sampler_setup *setup)
{
	const struct method *method = setup->method;
	bool several = setup->history->objective_count > 1;
	tpe->startup_count = (size_t)method_number(method, "n_startup_trials");
	tpe->candidate_count = (size_t)method_number(method, "n_ei_candidates");
	tpe->group = method_flag(method, "group");
	double multivariate = method_number(method, "multivariate");
	tpe->multivariate = tpe->group || (isnan(multivariate) ? !several : multivariate != 0);
	tpe->constant_liar = method_flag(method, "constant_liar");
	bool pruned = prunes(setup->spec);
	tpe->random_fraction = number_or(method, "random_fraction", pruned ? PRUNED_FRACTION : 0);
	tpe->options = (struct parzen_options){
	        .prior_weight = method_number(method, "prior_weight"),
	        .magic_clip = method_flag(method, "consider_magic_clip"),
	        .endpoints = method_flag(method, "consider_endpoints"),
	        .bandwidth_floor = number_or(method, "bandwidth_floor", pruned ? PRUNED_FLOOR : 0),
	};
}

static int tpe_create(void **state, const struct sampler_setup *setup, struct error *error)
{
	struct tpe *tpe = memory_alloc(1, sizeof *tpe);
	if (!tpe)
		return error_no_memory(error);
	size_t width = setup->spec->space->count;
	tpe->space = setup->spec->space;
	tpe->history = setup->history;
	read_options(tpe, setup);
	tpe->dims = memory_alloc(width + 1, sizeof *tpe->dims);
	tpe->pending = memory_alloc(width + 1, sizeof *tpe->pending);
	tpe->candidate = memory_alloc(width + 1, sizeof *tpe->candidate);
	tpe->drawn = memory_alloc(width + 1, sizeof *tpe->drawn);
	if (!tpe->dims || !tpe->pending || !tpe->candidate || !tpe->drawn) {
		tpe_destroy(tpe);
		return error_no_memory(error);
	}
	*state = tpe;
	return 0;
}

/* An empty history has arrays too. */
static int reserve_rows(struct tpe *tpe)
{
	if (tpe->history->count < tpe->row_capacity)
		return 0;
	struct array_growth growth = array_growth_begin(tpe->row_capacity, tpe->history->count + 1);
	array_resize(tpe->sides, &growth, 1);
	array_resize(tpe->wanted, &growth, 1);
	return array_growth_end(&tpe->row_capacity, &growth);
}

static int joint_model_create(struct joint_model **out, const struct tpe *tpe, size_t dim_count)
{
	struct joint_model *model = memory_alloc(1, sizeof *model);
	if (!model)
		return -ENOMEM;
	struct parzen_options below = tpe->options;
	below.flat = tpe->history->objective_count > 1;
	model->dims = memory_alloc(dim_count, sizeof *model->dims);
	if (!model->dims || parzen_init(&model->below, tpe->space, tpe->dims, dim_count, &below) != 0 ||
	        parzen_init(&model->above, tpe->space, tpe->dims, dim_count, &tpe->options) != 0) {
		joint_model_destroy(model);
		return -ENOMEM;
	}
	model->dim_count = dim_count;
	memcpy(model->dims, tpe->dims, dim_count * sizeof *model->dims);
	*out = model;
	return 0;
}

/* The model of the first `dim_count` of tpe->dims, made when it is new. */
static int find_model(struct joint_model **out, struct tpe *tpe, size_t dim_count)
{
	for (size_t i = 0; i < tpe->model_count; i++) {
		struct joint_model *model = tpe->models[i];
		if (model->dim_count == dim_count &&
		        memcmp(model->dims, tpe->dims, dim_count * sizeof *model->dims) == 0) {
			*out = model;
			return 0;
		}
	}
	if (array_reserve(tpe->models, &tpe->model_capacity, tpe->model_count + 1) < 0)
		return -ENOMEM;
	int rc = joint_model_create(&tpe->models[tpe->model_count], tpe, dim_count);
	if (!rc)
		*out = tpe->models[tpe->model_count++];
	return rc;
}

/* Models that no suggestion uses any more (the joint space shrinks when a condition first fails)
 * are given back. */
static void drop_unused_models(struct tpe *tpe)
{
	size_t kept = 0;
	for (size_t i = 0; i < tpe->model_count; i++) {
		if (tpe->models[i]->used || tpe->models[i]->dim_count == 1)
			tpe->models[kept++] = tpe->models[i];
		else
			joint_model_destroy(tpe->models[i]);
	}
	tpe->model_count = kept;
	for (size_t i = 0; i < kept; i++)
		tpe->models[i]->used = false;
}

static bool has_dims(const struct joint_model *model, const double *point)
{
	for (size_t i = 0; i < model->dim_count; i++)
		if (isnan(point[model->dims[i]]))
			return false;
	return true;
}

static int fit_above(struct tpe *tpe, struct joint_model *model)
{
	const struct history *history = tpe->history;
	if (model->layout != history->layout)
		parzen_reset(&model->above);
	model->layout = history->layout;
	for (size_t row = 0; row < history->count; row++)
		tpe->wanted[row] = tpe->sides[row] == SPLIT_ABOVE && has_dims(model, history_point(history, row));
	return parzen_fit(&model->above, history->points, tpe->space->count, tpe->wanted, history->count);
}

static int fit_below(struct tpe *tpe, struct joint_model *model)
{
	const struct history *history = tpe->history;
	size_t width = tpe->space->count, count = 0;
	for (size_t row = 0; row < history->count; row++) {
		const double *point = history_point(history, row);
		if (tpe->sides[row] != SPLIT_BELOW || !has_dims(model, point))
			continue;
		if (array_reserve_rows(tpe->below_points, &tpe->below_capacity, count + 1, width) < 0)
			return -ENOMEM;
		memcpy(tpe->below_points + count * width, point, width * sizeof *point);
		tpe->wanted[count++] = 1;
	}
	parzen_reset(&model->below);
	return parzen_fit(&model->below, tpe->below_points, width, tpe->wanted, count);
}

/* Draws candidates from l and leaves the one with the largest ln l − ln g in tpe->drawn; the first
 * of equals wins. Of g no more is worked out than it takes to see that a candidate has lost. */
static int choose(struct tpe *tpe, struct joint_model *model, struct rng *rng)
{
	double best = -(double)INFINITY;
	for (size_t c = 0; c < tpe->candidate_count; c++) {
		double below, above;
		parzen_draw(tpe->candidate, &model->below, rng);
		if (parzen_log_density(&below, &model->below, tpe->candidate) != 0 ||
		        parzen_log_density_up_to(&above, &model->above, tpe->candidate, below - best) != 0)
			return -ENOMEM;
		if (c > 0 && !(below - above > best))
			continue;
		best = below - above;
		memcpy(tpe->drawn, tpe->candidate, model->dim_count * sizeof *tpe->drawn);
	}
	return 0;
}

/* Suggests the parameters listed in the first `dim_count` of tpe->dims together; fixed ones keep
 * their values. */
static int suggest_jointly(struct tpe *tpe, size_t dim_count, struct rng *rng, double *point)
{
	struct joint_model *model;
	int rc = find_model(&model, tpe, dim_count);
	if (!rc)
		rc = fit_below(tpe, model);
	if (!rc)
		rc = fit_above(tpe, model);
	if (!rc)
		rc = choose(tpe, model, rng);
	if (rc)
		return rc;
	model->used = true;
	for (size_t i = 0; i < dim_count; i++)
		if (isnan(point[model->dims[i]]))
			point[model->dims[i]] = param_snap(&tpe->space->params[model->dims[i]], tpe->drawn[i]);
	return 0;
}

/* Parameters that every told trial has (Optuna's intersection space), single-valued ones left
 * out. */
static size_t list_intersection(struct tpe *tpe)
{
	const struct history *history = tpe->history;
	size_t count = 0;
	for (size_t i = 0; i < tpe->space->count; i++) {
		bool everywhere = !param_is_single(&tpe->space->params[i]);
		/* Unconditional parameters are never NAN: no need to look through the trials. */
		for (size_t row = 0; everywhere && tpe->space->params[i].condition_count > 0 && row < history->count;
		        row++)
			everywhere = !history_is_told(history, row) || !isnan(history_point(history, row)[i]);
		if (everywhere)
			tpe->dims[count++] = i;
	}
	return count;
}

/* Lists into tpe->dims the parameters that occur in exactly the same told trials as `first`, and
 * takes them off pending. */
static size_t list_companions(struct tpe *tpe, size_t first)
{
	const struct history *history = tpe->history;
	size_t count = 0;
	for (size_t i = first; i < tpe->space->count; i++) {
		bool same = tpe->pending[i];
		for (size_t row = 0; same && row < history->count; row++) {
			const double *point = history_point(history, row);
			same = !history_is_told(history, row) || isnan(point[first]) == isnan(point[i]);
		}
		if (!same)
			continue;
		tpe->dims[count++] = i;
		tpe->pending[i] = 0;
	}
	return count;
}

static bool occurs(const struct history *history, size_t index)
{
	for (size_t row = 0; row < history->count; row++)
		if (history_is_told(history, row) && !isnan(history_point(history, row)[index]))
			return true;
	return false;
}

static int suggest_groups(struct tpe *tpe, struct rng *rng, double *point)
{
	for (size_t i = 0; i < tpe->space->count; i++)
		tpe->pending[i] = !param_is_single(&tpe->space->params[i]) && occurs(tpe->history, i);
	for (size_t i = 0; i < tpe->space->count; i++) {
		if (!tpe->pending[i])
			continue;
		int rc = suggest_jointly(tpe, list_companions(tpe, i), rng, point);
		if (rc)
			return rc;
	}
	return 0;
}

/* What the joint draw did not give: one parameter at a time, parents first. */
static int suggest_rest(struct tpe *tpe, struct rng *rng, double *point)
{
	for (size_t i = 0; i < tpe->space->count; i++) {
		size_t index = tpe->space->order[i];
		if (!point_is_active(tpe->space, point, index)) {
			point[index] = (double)NAN;
			continue;
		}
		if (!isnan(point[index]))
			continue;
		tpe->dims[0] = index;
		int rc = 0;
		if (param_is_single(&tpe->space->params[index]))
			point[index] = tpe->space->params[index].low;
		else
			rc = suggest_jointly(tpe, 1, rng, point);
		if (rc)
			return rc;
	}
	return 0;
}

static int tpe_suggest(void *state, int64_t number, struct rng *rng, double *point)
{
	(void)number;
	struct tpe *tpe = state;
	if (history_told_count(tpe->history) < tpe->startup_count ||
	        (tpe->random_fraction > 0 && rng_uniform(rng) < tpe->random_fraction)) {
		point_draw(tpe->space, point, rng);
		return 0;
	}
	if (reserve_rows(tpe) != 0)
		return -ENOMEM;
	int rc = split_history(tpe->sides, tpe->history, split_gamma(tpe->history), tpe->constant_liar);
	if (!rc && tpe->group) {
		rc = suggest_groups(tpe, rng, point);
	} else if (!rc && tpe->multivariate) {
		size_t count = list_intersection(tpe);
		rc = count > 0 ? suggest_jointly(tpe, count, rng, point) : 0;
	}
	if (!rc)
		rc = suggest_rest(tpe, rng, point);
	drop_unused_models(tpe);
	return rc;
}

/* Every candidate meets every told trial in each parameter; sorting several objectives takes
 * more. */
#define MEETINGS_AT_MOST 2500000
#define PARETO_AT_MOST 100

static bool tpe_is_slow(const void *state, int64_t number)
{
	(void)number;
	const struct tpe *tpe = state;
	if (history_told_count(tpe->history) < tpe->startup_count)
		return false;
	size_t count = tpe->history->count;
	return count * (tpe->space->count + 1) * tpe->candidate_count > MEETINGS_AT_MOST ||
	       (tpe->history->objective_count > 1 && count > PARETO_AT_MOST);
}

const struct sampler_type tpe_sampler = {
        .name = "tpe",
        .create = tpe_create,
        .suggest = tpe_suggest,
        .destroy = tpe_destroy,
        .slow = tpe_is_slow,
};
