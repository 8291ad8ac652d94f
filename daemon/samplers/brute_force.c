/* Brute force: every point of a finite space once, in random order, conditions included.
 *
 * The space is a tree: one level per parameter, parents first, one branch per value. A point is
 * drawn by walking down, each branch weighted by the points below it that no trial has had; the
 * tree itself is never built. Like the grid, failed trials' points are offered again once nothing
 * else is left. */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/samplers/sampler_type.h"
#include "schema/base/array.h"
#include "schema/base/memory.h"
#include "schema/space/grid.h"
#include "schema/space/point.h"

#define VALUES_AT_MOST 1000000 /* of one parameter: a walk looks at each */
#define FAILURES_PER_POINT 3   /* a point that failed so often is given up */

/* A point that is taken, its values on their grids; entries sorted by these in the tree's order
 * make every subtree a range. */
struct taken_point {
	const struct space *space;
	const double *point;
	bool failed;
};

struct brute_force {
	const struct space *space;
	const struct history *history;
	bool *branches; /* (space count) some condition hangs on it */
	size_t capacity;
	struct taken_point *entries; /* (history count) */
	size_t point_capacity;
	double *points; /* (history count, space count) of the entries */
	double *walked; /* (space count) the walk's values so far */
	double *below;  /* (space count) scratch for counting */
};

static void brute_force_destroy(void *state)
{
	struct brute_force *brute = state;
	if (!brute)
		return;
	memory_free(brute->branches);
	memory_free(brute->entries);
	memory_free(brute->points);
	memory_free(brute->walked);
	memory_free(brute->below);
	memory_free(brute);
}

static int check_space(struct brute_force *brute, struct error *error)
{
	for (size_t i = 0; i < brute->space->count; i++) {
		const struct param *param = &brute->space->params[i];
		size_t count = param_cardinality(param);
		if (count == 0)
			return error_set(error, -EINVAL,
			        "brute force needs a list of values or a step for \"%s\", which is continuous",
			        param->name);
		if (count > VALUES_AT_MOST)
			return error_set(error, -EINVAL, "\"%s\" has more than %d values, too many for brute force",
			        param->name, VALUES_AT_MOST);
		for (size_t j = 0; j < param->condition_count; j++)
			brute->branches[param->conditions[j].parent] = true;
	}
	return 0;
}

static int brute_force_create(void **state, const struct sampler_setup *setup, struct error *error)
{
	struct brute_force *brute = memory_alloc(1, sizeof *brute);
	if (!brute)
		return error_no_memory(error);
	brute->space = setup->spec->space;
	brute->history = setup->whole;
	brute->branches = memory_alloc(brute->space->count + 1, sizeof *brute->branches);
	brute->walked = memory_alloc(brute->space->count + 1, sizeof *brute->walked);
	brute->below = memory_alloc(brute->space->count + 1, sizeof *brute->below);
	bool complete = brute->branches && brute->walked && brute->below;
	int rc = complete ? check_space(brute, error) : error_no_memory(error);
	if (rc) {
		brute_force_destroy(brute);
		return rc;
	}
	*state = brute;
	return 0;
}

/* Negative, 0, positive, NAN last. */
static int compare_values(double a, double b)
{
	if (isnan(a) || isnan(b))
		return isnan(a) - isnan(b);
	return (a > b) - (a < b);
}

static int compare_entries(const void *left, const void *right)
{
	const struct taken_point *a = left, *b = right;
	for (size_t i = 0; i < a->space->count; i++) {
		size_t index = a->space->order[i];
		int order = compare_values(a->point[index], b->point[index]);
		if (order != 0)
			return order;
	}
	return 0;
}

/* Puts the point on its grids; false when the walk cannot reach it: an enqueued one may be off
 * them, and have other values than those that are fixed now. */
static bool is_in_tree(double *out, const struct space *space, const double *point, const double *fixed)
{
	for (size_t i = 0; i < space->count; i++) {
		const struct param *param = &space->params[i];
		bool active = point_is_active(space, point, i);
		if (active == isnan(point[i]))
			return false;
		out[i] = active ? param_snap(param, point[i]) : point[i];
		if (active && (!param_same(param, out[i], point[i]) ||
		                      (!isnan(fixed[i]) && !param_same(param, out[i], fixed[i]))))
			return false;
	}
	return true;
}

/* Merges equal entries. With `again`, points that only failed, and not too often, are left out:
 * they may be tried again. */
static size_t merge_entries(struct taken_point *entries, size_t count, bool again)
{
	size_t kept = 0, next;
	for (size_t i = 0; i < count; i = next) {
		bool failed = true;
		for (next = i; next < count && compare_entries(&entries[i], &entries[next]) == 0; next++)
			failed &= entries[next].failed;
		if (again && failed && next - i < FAILURES_PER_POINT)
			continue;
		entries[kept++] = entries[i];
	}
	return kept;
}

/* Those that have the fixed values (NAN = free). */
static int list_entries(struct brute_force *brute, size_t *count, const double *fixed, bool again)
{
	const struct history *history = brute->history;
	size_t width = brute->space->count;
	if (array_reserve(brute->entries, &brute->capacity, history->count) < 0 ||
	        array_reserve(brute->points, &brute->point_capacity, history->count * width) < 0)
		return -ENOMEM;
	*count = 0;
	for (size_t row = 0; row < history->count; row++) {
		double *point = brute->points + *count * width;
		bool failed = history->states[row] == TRIAL_FAILED;
		if (is_in_tree(point, brute->space, history_point(history, row), fixed))
			brute->entries[(*count)++] = (struct taken_point){brute->space, point, failed};
	}
	if (*count > 0)
		qsort(brute->entries, *count, sizeof *brute->entries, compare_entries);
	*count = merge_entries(brute->entries, *count, again);
	return 0;
}

/* How many branches leave the node, and the value of each; a fixed or inactive parameter has
 * one. */
static size_t branch_count(const struct space *space, const double *point, size_t index)
{
	if (!isnan(point[index]) || !point_is_active(space, point, index))
		return 1;
	return param_cardinality(&space->params[index]);
}

static double branch_value(const struct space *space, const double *point, size_t index, size_t branch)
{
	const struct param *param = &space->params[index];
	if (!point_is_active(space, point, index))
		return (double)NAN;
	if (!isnan(point[index]))
		return point[index];
	return param_is_single(param) ? param->low : grid_value(param->low, param->step, (double)branch);
}

/* Points below a node at `level`, whose values are in brute->below. Only the values of parents have
 * to be tried one by one; other parameters multiply the count. */
static double count_points(struct brute_force *brute, size_t level)
{
	const struct space *space = brute->space;
	if (level == space->count)
		return 1;
	size_t index = space->order[level];
	size_t count = branch_count(space, brute->below, index);
	if (!brute->branches[index])
		return (double)count * count_points(brute, level + 1);
	double before = brute->below[index], sum = 0;
	for (size_t i = 0; i < count; i++) {
		brute->below[index] = branch_value(space, brute->below, index, i);
		sum += count_points(brute, level + 1);
		brute->below[index] = before;
	}
	return sum;
}

/* The sorted entries that share the walk's values. */
struct entry_range {
	size_t first, end;
};

/* Entries of `range` whose value at `index` is `value`; they come after the entries of smaller
 * values. */
static struct entry_range narrow(const struct brute_force *brute, struct entry_range range, size_t index, double value)
{
	while (range.first < range.end && compare_values(brute->entries[range.first].point[index], value) < 0)
		range.first++;
	size_t end = range.first;
	while (end < range.end && compare_values(brute->entries[end].point[index], value) == 0)
		end++;
	return (struct entry_range){range.first, end};
}

/* Untried points below the branch that gives `value` to `index`. */
static double count_open(struct brute_force *brute, size_t level, double value, struct entry_range taken)
{
	size_t index = brute->space->order[level];
	assert(taken.first <= taken.end);
	memcpy(brute->below, brute->walked, brute->space->count * sizeof *brute->below);
	brute->below[index] = value;
	return count_points(brute, level + 1) - (double)(taken.end - taken.first);
}

/* Takes one branch, by weight: every untried point has the same chance, whatever branch it is on.
 * False when none has one. */
static bool step_down(struct brute_force *brute, size_t level, struct entry_range *taken, struct rng *rng)
{
	size_t index = brute->space->order[level];
	size_t count = branch_count(brute->space, brute->walked, index);
	struct entry_range left = *taken, chosen = {0, 0};
	double sum = 0, value = (double)NAN;
	for (size_t i = 0; i < count; i++) {
		double candidate = branch_value(brute->space, brute->walked, index, i);
		struct entry_range below = narrow(brute, left, index, candidate);
		double open = count_open(brute, level, candidate, below);
		left.first = below.end;
		sum += open > 0 ? open : 0;
		if (open > 0 && rng_uniform(rng) * sum < open) {
			value = candidate;
			chosen = below;
		}
	}
	brute->walked[index] = value;
	*taken = chosen;
	return sum > 0;
}

static bool walk(struct brute_force *brute, size_t taken_count, const double *fixed, struct rng *rng)
{
	struct entry_range taken = {0, taken_count};
	if (brute->space->count == 0)
		return taken_count == 0;
	for (size_t i = 0; i < brute->space->count; i++)
		brute->walked[i] = param_contains(&brute->space->params[i], fixed[i])
		                           ? param_snap(&brute->space->params[i], fixed[i])
		                           : fixed[i];
	for (size_t level = 0; level < brute->space->count; level++)
		if (!step_down(brute, level, &taken, rng))
			return false;
	return true;
}

static int brute_force_suggest(void *state, int64_t number, struct rng *rng, double *point)
{
	(void)number;
	struct brute_force *brute = state;
	for (int again = 0; again <= 1; again++) {
		size_t taken_count;
		if (list_entries(brute, &taken_count, point, again != 0) != 0)
			return -ENOMEM;
		if (!walk(brute, taken_count, point, rng))
			continue;
		memcpy(point, brute->walked, brute->space->count * sizeof *point);
		return 0;
	}
	return SAMPLER_EXHAUSTED;
}

/* The trials are sorted; conditions make the walk count subtrees, and every value of a parameter is
 * a branch. */
#define TRIALS_AT_MOST 200
#define BRANCHES_AT_MOST 1000

static bool brute_force_is_slow(const void *state, int64_t number)
{
	(void)number;
	const struct brute_force *brute = state;
	size_t branches = 0;
	for (size_t i = 0; i < brute->space->count; i++) {
		if (brute->branches[i])
			return true;
		branches += param_cardinality(&brute->space->params[i]);
	}
	return brute->history->count > TRIALS_AT_MOST || branches > BRANCHES_AT_MOST;
}

const struct sampler_type brute_force_sampler = {
        .name = "brute_force",
        .create = brute_force_create,
        .suggest = brute_force_suggest,
        .destroy = brute_force_destroy,
        .slow = brute_force_is_slow,
        .walks = true,
};
