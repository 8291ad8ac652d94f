/* Grid search: every combination once, in W&B's order: parameters by name, the last name fastest.
 *
 * A point is taken when a running, complete or pruned trial has it. A failed trial's point is
 * offered again after all others, so that the grid gets complete in spite of failures. */
#include <assert.h>
#include <errno.h>
#include <math.h>

#include "daemon/samplers/sampler_type.h"
#include "schema/base/memory.h"
#include "schema/space/point.h"

#define FAILURES_PER_POINT 3 /* a point that failed so often is given up */

struct grid {
	const struct space *space;
	const struct history *history;
	size_t cell_count;     /* combinations, ignoring conditions */
	size_t *cardinalities; /* (space count) */
	uint8_t *tries;        /* (cell_count) scratch: TAKEN, or failures so far */
	double *cell;          /* (space count) scratch */
};

#define TAKEN 255
#define CELLS_AT_MOST 10000000

static void grid_destroy(void *state)
{
	struct grid *grid = state;
	if (!grid)
		return;
	memory_free(grid->cardinalities);
	memory_free(grid->tries);
	memory_free(grid->cell);
	memory_free(grid);
}

static int count_cells(struct grid *grid, struct error *error)
{
	grid->cell_count = 1;
	for (size_t i = 0; i < grid->space->count; i++) {
		const struct param *param = &grid->space->params[i];
		size_t count = param_cardinality(param);
		if (count == 0)
			return error_set(error, -EINVAL,
			        "a grid needs a list of values or a step for \"%s\", which is continuous", param->name);
		if (grid->cell_count > CELLS_AT_MOST / count)
			return error_set(error, -EINVAL, "this grid has more than %d points", CELLS_AT_MOST);
		grid->cardinalities[i] = count;
		grid->cell_count *= count;
	}
	return 0;
}

static int grid_create(void **state, const struct sampler_setup *setup, struct error *error)
{
	struct grid *grid = memory_alloc(1, sizeof *grid);
	if (!grid)
		return error_no_memory(error);
	grid->space = setup->spec->space;
	grid->history = setup->history;
	grid->cardinalities = memory_alloc(grid->space->count + 1, sizeof *grid->cardinalities);
	grid->cell = memory_alloc(grid->space->count + 1, sizeof *grid->cell);
	int rc = grid->cardinalities && grid->cell ? count_cells(grid, error) : error_no_memory(error);
	if (!rc && !(grid->tries = memory_alloc(grid->cell_count, 1)))
		rc = error_no_memory(error);
	if (rc) {
		grid_destroy(grid);
		return rc;
	}
	*state = grid;
	return 0;
}

static double value_at(const struct param *param, size_t place)
{
	double step = param->kind == PARAM_CATEGORICAL ? 1 : param->step;
	return param_snap(param, param->low + (double)place * step);
}

/* The point of a cell; values of inactive parameters become NAN. */
static void set_cell(const struct grid *grid, size_t cell, double *point)
{
	assert(cell < grid->cell_count);
	for (size_t i = grid->space->count; i-- > 0; cell /= grid->cardinalities[i])
		point[i] = value_at(&grid->space->params[i], cell % grid->cardinalities[i]);
	point_drop_inactive(grid->space, point);
}

/* The cell of a point, an inactive parameter at its first value; cell_count when the point is on no
 * cell. */
static size_t find_cell(const struct grid *grid, const double *point)
{
	size_t cell = 0;
	for (size_t i = 0; i < grid->space->count; i++) {
		const struct param *param = &grid->space->params[i];
		double step = param->kind == PARAM_CATEGORICAL ? 1 : param->step;
		double place = isnan(point[i]) || step == 0 ? 0 : nearbyint((point[i] - param->low) / step);
		if (!(place >= 0 && place < (double)grid->cardinalities[i]))
			return grid->cell_count;
		cell = cell * grid->cardinalities[i] + (size_t)place;
	}
	return cell;
}

static void count_tries(struct grid *grid)
{
	const struct history *history = grid->history;
	for (size_t i = 0; i < grid->cell_count; i++)
		grid->tries[i] = 0;
	for (size_t row = 0; row < history->count; row++) {
		size_t cell = find_cell(grid, history_point(history, row));
		if (cell == grid->cell_count || grid->tries[cell] == TAKEN)
			continue;
		bool failed = history->states[row] == TRIAL_FAILED;
		grid->tries[cell] =
		        failed && grid->tries[cell] + 1 < FAILURES_PER_POINT ? (uint8_t)(grid->tries[cell] + 1) : TAKEN;
	}
}

static bool fits(const struct grid *grid, const double *point)
{
	for (size_t i = 0; i < grid->space->count; i++)
		if (!isnan(point[i]) && !isnan(grid->cell[i]) &&
		        !param_same(&grid->space->params[i], point[i], grid->cell[i]))
			return false;
	return true;
}

/* The first cell with the fewest tries that keeps the fixed values. Cells that differ only in
 * inactive parameters are the same point: only the one with those at their first value counts. */
static int grid_suggest(void *state, int64_t number, struct rng *rng, double *point)
{
	(void)number;
	(void)rng;
	struct grid *grid = state;
	size_t best = grid->cell_count;
	count_tries(grid);
	for (size_t i = 0; i < grid->cell_count; i++) {
		if (grid->tries[i] == TAKEN || (best < grid->cell_count && grid->tries[i] >= grid->tries[best]))
			continue;
		set_cell(grid, i, grid->cell);
		if (find_cell(grid, grid->cell) != i || !fits(grid, point))
			continue;
		best = i;
		if (grid->tries[i] == 0)
			break;
	}
	if (best == grid->cell_count)
		return SAMPLER_EXHAUSTED;
	set_cell(grid, best, point);
	return 0;
}

/* Every cell is looked at, and the cell of every trial. */
#define LOOKS_AT_MOST 20000

static bool grid_is_slow(const void *state, int64_t number)
{
	(void)number;
	const struct grid *grid = state;
	return (grid->cell_count + grid->history->count) * (grid->space->count + 1) > LOOKS_AT_MOST;
}

const struct sampler_type grid_sampler = {
        .name = "grid",
        .create = grid_create,
        .suggest = grid_suggest,
        .destroy = grid_destroy,
        .slow = grid_is_slow,
        .walks = true,
};
