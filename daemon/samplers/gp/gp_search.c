#include "daemon/samplers/gp/gp_search.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/samplers/gp/lbfgs.h"
#include "daemon/samplers/unit.h"
#include "schema/base/memory.h"
#include "schema/space/grid.h"
#include "schema/space/point.h"

#define SPREAD_CANDIDATES 400 /* all over the space */
#define NEAR_CANDIDATES 60    /* around each of the best points */
#define ROUNDS_AT_MOST 4      /* through the discrete parameters of a start */
#define DIMS_MANY 20          /* beyond, one round among near values: a suggestion would take a second */
#define REFINE_STEPS 24

int gp_search_init(struct gp_search *search, const struct space *space)
{
	size_t width = space->count + 1;
	*search = (struct gp_search){.space = space};
	search->dims = memory_alloc(width, sizeof *search->dims);
	search->categorical = memory_alloc(width, sizeof *search->categorical);
	search->low = memory_alloc(width, sizeof *search->low);
	search->high = memory_alloc(width, sizeof *search->high);
	search->starts = memory_alloc(width * GP_STARTS, sizeof *search->starts);
	search->bunch = memory_alloc(width * GP_SIDES, sizeof *search->bunch);
	search->bounds = memory_alloc(width * 2, sizeof *search->bounds);
	search->leads = memory_alloc(width, sizeof *search->leads);
	search->places = memory_alloc(width, sizeof *search->places);
	search->values = memory_alloc(width, sizeof *search->values);
	search->flipped = memory_alloc(width, sizeof *search->flipped);
	search->active = memory_alloc(width * (GP_NEAR_POINTS + 1), sizeof *search->active);
	if (!search->dims || !search->categorical || !search->low || !search->high || !search->starts ||
	        !search->bunch || !search->bounds || !search->leads || !search->places || !search->values ||
	        !search->flipped || !search->active) {
		gp_search_finish(search);
		return -ENOMEM;
	}
	search->discrete = true;
	for (size_t i = 0; i < space->count; i++) {
		search->conditional = search->conditional || space->params[i].condition_count > 0;
		for (size_t c = 0; c < space->params[i].condition_count; c++)
			search->leads[space->params[i].conditions[c].parent] = true;
		search->places[i] = SIZE_MAX;
		if (param_is_single(&space->params[i]))
			continue;
		search->places[i] = search->d;
		search->discrete = search->discrete && param_cardinality(&space->params[i]) > 0;
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
	memory_free(search->starts);
	memory_free(search->bunch);
	memory_free(search->bounds);
	memory_free(search->leads);
	memory_free(search->places);
	memory_free(search->values);
	memory_free(search->flipped);
	memory_free(search->active);
	gp_taken_finish(&search->taken);
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

/* Other programs' values may lie beside the grid by a rounding. */
static double taken_unit(const struct param *param, double value)
{
	return gp_search_to_unit(param, param_contains(param, value) ? param_snap(param, value) : value);
}

int gp_search_avoid(struct gp_search *search, const struct history *history)
{
	if (!search->discrete)
		return 0;
	if (gp_taken_reset(&search->taken, history->count, search->d) != 0)
		return -ENOMEM;
	for (size_t row = 0; row < history->count; row++) {
		const double *point = history_point(history, row);
		double *x = gp_taken_next(&search->taken);
		for (size_t k = 0; k < search->d; k++)
			x[k] = taken_unit(&search->space->params[search->dims[k]], point[search->dims[k]]);
		gp_taken_add(&search->taken);
	}
	return 0;
}

/* What the search makes small: the goal's values at points (count, d) that can be proposed. */
static void score_points(
        double *scores, const struct gp_search *search, const struct gp_goal *goal, const double *x, size_t count)
{
	goal->values(goal->context, x, count, scores);
	for (size_t i = 0; i < count; i++)
		if (gp_taken_has(&search->taken, x + i * search->d))
			scores[i] = (double)INFINITY;
}

/* Room for one more point of the bunch. */
static double *bunch_next(struct gp_search *search)
{
	assert(search->bunch_count < GP_SIDES);
	return search->bunch + search->bunch_count++ * search->d;
}

/* The scores of the bunch, which is empty then; returns how many there were. */
static size_t bunch_score(double scores[GP_SIDES], struct gp_search *search, const struct gp_goal *goal)
{
	size_t count = search->bunch_count;
	score_points(scores, search, goal, search->bunch, count);
	search->bunch_count = 0;
	return count;
}

static double draw_unit(const struct gp_search *search, size_t k, struct rng *rng)
{
	if (search->low[k] == search->high[k])
		return search->low[k];
	if (search->categorical[k])
		return (double)rng_below(rng, search->space->params[search->dims[k]].choice_count);
	return rng_uniform(rng);
}

/* ---- conditions ---- */

/* Where a parameter is told apart that nothing has chosen. */
static double place_at_rest(const struct gp_search *search, size_t k)
{
	return search->categorical[k] ? -1 : 0.5;
}

/* What the best point has of a parameter that has it. */
static double borrow(const struct gp_search *search, size_t k)
{
	if (search->low[k] == search->high[k])
		return search->low[k];
	for (size_t i = 0; i < search->near_count; i++)
		if (search->active[i * search->d + k])
			return search->near[i][k];
	return draw_unit(search, k, search->rng);
}

/* Puts the parameters at rest that the point does not have, and fills in what is NAN of the
 * others, parents first; `active` (d) says which it has. */
static void settle(const struct gp_search *search, double *x, bool *active)
{
	const struct space *space = search->space;
	for (size_t i = 0; i < space->count; i++) {
		size_t index = space->order[i], k = search->places[index];
		bool is_active = point_is_active(space, search->values, index);
		search->values[index] = is_active ? space->params[index].low : (double)NAN;
		if (k == SIZE_MAX)
			continue;
		active[k] = is_active;
		if (!is_active) {
			x[k] = place_at_rest(search, k);
			continue;
		}
		if (isnan(x[k]))
			x[k] = borrow(search, k);
		if (search->leads[index])
			search->values[index] = from_unit(&space->params[index], x[k]);
	}
}

/* Of another point's parameters those that it does not have are open. */
static void open_inactive(const struct gp_search *search, double *x, const bool *active)
{
	for (size_t k = 0; k < search->d; k++)
		if (!active[k])
			x[k] = (double)NAN;
}

static bool *scratch_active(const struct gp_search *search)
{
	return search->active + GP_NEAR_POINTS * search->d;
}

/* Moves a point to where a suggestion can be: numbers that it has to their grids, the others to
 * rest. */
static void put_in_place(const struct gp_search *search, double *x)
{
	const bool *active = scratch_active(search);
	if (search->conditional)
		settle(search, x, scratch_active(search));
	for (size_t k = 0; k < search->d; k++) {
		const struct param *param = &search->space->params[search->dims[k]];
		if (param->kind != PARAM_CATEGORICAL && param->step > 0 && (!search->conditional || active[k]))
			x[k] = gp_search_to_unit(param, from_unit(param, x[k]));
	}
}

/* ---- candidates ---- */

/* A candidate all over the space, or near one of the best points at a random scale. */
static void draw_candidate(const struct gp_search *search, double *x, const double *centre, const bool *active)
{
	struct rng *rng = search->rng;
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
	if (search->conditional && centre)
		open_inactive(search, x, active);
	put_in_place(search, x);
}

/* Keeps a scored point among the GP_STARTS best. */
static void keep_start(struct gp_search *search, const double *x, double score, size_t *count)
{
	assert(*count <= GP_STARTS);
	bool full = *count == GP_STARTS;
	size_t at = full ? GP_STARTS - 1 : (*count)++, bytes = search->d * sizeof *x;
	if (full && search->scores[at] <= score)
		return;
	for (; at > 0 && search->scores[at - 1] > score; at--) {
		search->scores[at] = search->scores[at - 1];
		memcpy(search->starts + at * search->d, search->starts + (at - 1) * search->d, bytes);
	}
	search->scores[at] = score;
	memcpy(search->starts + at * search->d, x, bytes);
}

/* Notes which parameters the points have that are looked around at. */
static void note_near(struct gp_search *search, const struct gp_goal *goal)
{
	search->near_count = goal->near_count;
	memcpy(search->near, goal->near, goal->near_count * sizeof *goal->near);
	for (size_t i = 0; search->conditional && i < goal->near_count; i++) {
		memcpy(search->flipped, search->near[i], search->d * sizeof *search->flipped);
		settle(search, search->flipped, search->active + i * search->d);
	}
}

/* Keeps the best of the bunch. */
static void keep_bunch(struct gp_search *search, const struct gp_goal *goal, size_t *count)
{
	double scores[GP_SIDES];
	size_t scored = bunch_score(scores, search, goal);
	for (size_t i = 0; i < scored; i++)
		keep_start(search, search->bunch + i * search->d, scores[i], count);
}

static size_t collect_starts(struct gp_search *search, const struct gp_goal *goal)
{
	size_t count = 0;
	for (size_t i = 0; i < SPREAD_CANDIDATES + search->near_count * NEAR_CANDIDATES; i++) {
		size_t near = i < SPREAD_CANDIDATES ? 0 : (i - SPREAD_CANDIDATES) % search->near_count;
		double *x = bunch_next(search);
		if (i < SPREAD_CANDIDATES)
			draw_candidate(search, x, NULL, NULL);
		else
			draw_candidate(search, x, search->near[near], search->active + near * search->d);
		if (search->bunch_count == GP_SIDES)
			keep_bunch(search, goal, &count);
	}
	keep_bunch(search, goal, &count);
	return count;
}

/* x with one parameter changed: what hangs on it comes and goes. */
static void flip(const struct gp_search *search, double *flipped, const double *x, size_t k, double value)
{
	memcpy(flipped, x, search->d * sizeof *x);
	if (search->conditional) {
		settle(search, flipped, scratch_active(search));
		open_inactive(search, flipped, scratch_active(search));
	}
	flipped[k] = value;
	put_in_place(search, flipped);
}

/* Moves x to the first of the bunch's best points, if that is better. */
static bool move_to_better(struct gp_search *search, const struct gp_goal *goal, double *x, double *score)
{
	double scores[GP_SIDES];
	bool better = false;
	size_t count = bunch_score(scores, search, goal);
	for (size_t i = 0; i < count; i++) {
		if (!(scores[i] < *score))
			continue;
		*score = scores[i];
		memcpy(x, search->bunch + i * search->d, search->d * sizeof *x);
		better = true;
	}
	return better;
}

/* Which cells of a parameter are tried from where x is. */
struct cell_range {
	size_t from, to;
};

static struct cell_range cells_around(const struct gp_search *search, const struct param *param, double x)
{
	size_t count = param_cardinality(param);
	bool categorical = param->kind == PARAM_CATEGORICAL, few = categorical || search->d <= DIMS_MANY;
	double here = categorical ? x : (from_unit(param, x) - param->low) / param->step;
	double reach = !few ? 2 : count <= 16 ? (double)count : 4;
	return (struct cell_range){
	        (size_t)fmax(0, nearbyint(here) - reach), (size_t)fmin((double)count - 1, nearbyint(here) + reach)};
}

static double cell_unit(const struct param *param, size_t cell)
{
	return param->kind == PARAM_CATEGORICAL
	               ? (double)cell
	               : gp_search_to_unit(param, grid_value(param->low, param->step, (double)cell));
}

/* Cells are scored together, unless others hang on the parameter: then each is tried from where
 * the one before has left x. */
static bool try_cells(struct gp_search *search, const struct gp_goal *goal, size_t k, double *x, double *score)
{
	const struct param *param = &search->space->params[search->dims[k]];
	size_t together = search->leads[search->dims[k]] ? 1 : GP_SIDES;
	struct cell_range cells = cells_around(search, param, x[k]);
	bool better = false;
	for (size_t cell = cells.from; cell <= cells.to; cell++) {
		double unit = cell_unit(param, cell);
		if (unit == x[k])
			continue;
		flip(search, bunch_next(search), x, k, unit);
		if (search->bunch_count == together)
			better = move_to_better(search, goal, x, score) || better;
	}
	return move_to_better(search, goal, x, score) || better;
}

static bool is_at_rest(const struct gp_search *search, const double *x, size_t k)
{
	if (!search->conditional)
		return false;
	memcpy(search->flipped, x, search->d * sizeof *x);
	settle(search, search->flipped, scratch_active(search));
	return !scratch_active(search)[k];
}

/* Tries the other values of each discrete parameter, all when they are few, else some around,
 * until none is better. */
static void refine_discrete(struct gp_search *search, const struct gp_goal *goal, double *x, double *score)
{
	bool better = true;
	int rounds = search->d > DIMS_MANY ? 1 : ROUNDS_AT_MOST;
	for (int round = 0; better && round < rounds; round++) {
		better = false;
		for (size_t k = 0; k < search->d; k++) {
			const struct param *param = &search->space->params[search->dims[k]];
			if (param_cardinality(param) == 0 || search->low[k] == search->high[k] ||
			        is_at_rest(search, x, k))
				continue;
			better = try_cells(search, goal, k, x, score) || better;
		}
	}
}

static int descend(struct gp_search *search, const struct gp_goal *goal, double *x, double *score)
{
	struct lbfgs_problem problem = {search->d, search->bounds, search->bounds + search->d, goal->value,
	        goal->slopes, goal->context, REFINE_STEPS};
	bool *active = scratch_active(search);
	if (search->conditional)
		settle(search, x, active);
	for (size_t k = 0; k < search->d; k++) {
		bool moves = !search->categorical[k] && search->low[k] < search->high[k] &&
		             (!search->conditional || active[k]);
		search->bounds[k] = moves ? 0 : x[k];
		search->bounds[search->d + k] = moves ? 1 : x[k];
	}
	int rc = lbfgs_minimize(score, x, &problem);
	if (rc)
		return rc;
	if (search->conditional) /* a parent may have moved */
		open_inactive(search, x, active);
	put_in_place(search, x);
	score_points(score, search, goal, x, 1);
	return 0;
}

/* On its grid a descent may end worse than it began, or where a trial was: then it was none. */
static int refine(struct gp_search *search, const struct gp_goal *goal, double *x, double *score)
{
	double start[GP_DIMS_AT_MOST], at_start = *score;
	memcpy(start, x, search->d * sizeof *x);
	int rc = descend(search, goal, x, score);
	if (rc)
		return rc;
	refine_discrete(search, goal, x, score);
	if (*score > at_start) {
		memcpy(x, start, search->d * sizeof *x);
		*score = at_start;
	}
	return 0;
}

static void write_point(const struct gp_search *search, double *x, double *point)
{
	bool *active = scratch_active(search);
	if (search->conditional)
		settle(search, x, active);
	for (size_t k = 0; k < search->d; k++)
		if (isnan(point[search->dims[k]]) && (!search->conditional || active[k]))
			point[search->dims[k]] = from_unit(&search->space->params[search->dims[k]], x[k]);
}

int gp_search_run(struct gp_search *search, const struct gp_goal *goal, struct rng *rng, double *point)
{
	size_t best = 0;
	search->rng = rng;
	search->bunch_count = 0;
	note_near(search, goal);
	size_t count = collect_starts(search, goal);
	for (size_t i = 0; i < count; i++) {
		int rc = refine(search, goal, search->starts + i * search->d, &search->scores[i]);
		if (rc)
			return rc;
		if (search->scores[i] < search->scores[best])
			best = i;
	}
	write_point(search, search->starts + best * search->d, point);
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
