#include "daemon/samplers/gp/lbfgs.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "schema/base/memory.h"

#define MEMORY 8         /* pairs kept */
#define HALVINGS 20      /* of one step before giving up */
#define SLOPE_SHARE 1e-4 /* of the promised descent that a step must bring (Armijo) */
#define SMALL_STEP 1e-9  /* projected gradient below which nothing is left to do */

struct lbfgs {
	const struct lbfgs_problem *problem;
	size_t n;
	double *x, *gradient, *next_x, *next_gradient, *direction; /* (n) */
	double *moves, *changes;   /* (MEMORY, n): differences of x and of the gradient */
	double curvatures[MEMORY]; /* moves · changes */
	size_t pair_count, newest;
};

static double dot(const double *a, const double *b, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += a[i] * b[i];
	return sum;
}

/* A variable at a bound that the gradient pushes outwards stays there. */
static bool is_bound(const struct lbfgs *lbfgs, size_t i)
{
	const struct lbfgs_problem *problem = lbfgs->problem;
	return (lbfgs->x[i] <= problem->low[i] && lbfgs->gradient[i] > 0) ||
	       (lbfgs->x[i] >= problem->high[i] && lbfgs->gradient[i] < 0);
}

/* direction = −H·gradient over the free variables, by the two-loop recursion; newest pair first,
 * then back. */
static void set_direction(struct lbfgs *lbfgs)
{
	size_t n = lbfgs->n;
	double shares[MEMORY] = {0}, *d = lbfgs->direction;
	for (size_t i = 0; i < n; i++)
		d[i] = is_bound(lbfgs, i) ? 0 : -lbfgs->gradient[i];
	for (size_t age = 0; age < lbfgs->pair_count; age++) {
		size_t k = (lbfgs->newest + MEMORY - age) % MEMORY;
		shares[k] = dot(lbfgs->moves + k * n, d, n) / lbfgs->curvatures[k];
		for (size_t i = 0; i < n; i++)
			d[i] -= shares[k] * lbfgs->changes[k * n + i];
	}
	if (lbfgs->pair_count > 0) {
		const double *change = lbfgs->changes + lbfgs->newest * n;
		double scale = lbfgs->curvatures[lbfgs->newest] / dot(change, change, n);
		for (size_t i = 0; i < n; i++)
			d[i] *= scale;
	}
	for (size_t age = lbfgs->pair_count; age-- > 0;) {
		size_t k = (lbfgs->newest + MEMORY - age) % MEMORY;
		double back = dot(lbfgs->changes + k * n, d, n) / lbfgs->curvatures[k];
		for (size_t i = 0; i < n; i++)
			d[i] += (shares[k] - back) * lbfgs->moves[k * n + i];
	}
	for (size_t i = 0; i < n; i++)
		d[i] = is_bound(lbfgs, i) ? 0 : d[i];
}

/* The point `length` along the direction, put back into the box; returns the descent promised
 * there. */
static double project(struct lbfgs *lbfgs, double length)
{
	double promise = 0;
	for (size_t i = 0; i < lbfgs->n; i++) {
		double moved = lbfgs->x[i] + length * lbfgs->direction[i];
		lbfgs->next_x[i] = fmin(fmax(moved, lbfgs->problem->low[i]), lbfgs->problem->high[i]);
		promise += lbfgs->gradient[i] * (lbfgs->next_x[i] - lbfgs->x[i]);
	}
	return promise;
}

/* Backtracks along the direction; true with next_x, next_gradient and *value when a step was
 * found. */
static bool search_line(struct lbfgs *lbfgs, double *value)
{
	const struct lbfgs_problem *problem = lbfgs->problem;
	double steepest = sqrt(dot(lbfgs->direction, lbfgs->direction, lbfgs->n));
	double length = lbfgs->pair_count > 0 || steepest <= 1 ? 1 : 1 / steepest;
	for (int i = 0; i < HALVINGS; i++, length /= 2) {
		double promise = project(lbfgs, length);
		if (!(promise < 0))
			return false;
		double next = problem->value(problem->context, lbfgs->next_x);
		if (next <= *value + SLOPE_SHARE * promise) {
			problem->slopes(problem->context, lbfgs->next_x, lbfgs->next_gradient);
			*value = next;
			return true;
		}
	}
	return false;
}

static void keep_pair(struct lbfgs *lbfgs)
{
	size_t n = lbfgs->n, k = (lbfgs->newest + 1) % MEMORY;
	double *move = lbfgs->moves + k * n, *change = lbfgs->changes + k * n;
	for (size_t i = 0; i < n; i++) {
		move[i] = lbfgs->next_x[i] - lbfgs->x[i];
		change[i] = lbfgs->next_gradient[i] - lbfgs->gradient[i];
	}
	double curvature = dot(move, change, n);
	if (!(curvature > 1e-12 * dot(change, change, n)))
		return;
	lbfgs->curvatures[k] = curvature;
	lbfgs->newest = k;
	lbfgs->pair_count += lbfgs->pair_count < MEMORY;
}

static double largest_free_slope(const struct lbfgs *lbfgs)
{
	double largest = 0;
	for (size_t i = 0; i < lbfgs->n; i++)
		if (!is_bound(lbfgs, i))
			largest = fmax(largest, fabs(lbfgs->gradient[i]));
	return largest;
}

static void descend(struct lbfgs *lbfgs, double *value)
{
	const struct lbfgs_problem *problem = lbfgs->problem;
	*value = problem->value(problem->context, lbfgs->x);
	if (isfinite(*value))
		problem->slopes(problem->context, lbfgs->x, lbfgs->gradient);
	for (int step = 0; step < problem->max_steps && isfinite(*value); step++) {
		double before = *value;
		if (largest_free_slope(lbfgs) < SMALL_STEP)
			return;
		set_direction(lbfgs);
		if (!search_line(lbfgs, value)) {
			if (lbfgs->pair_count == 0)
				return;
			lbfgs->pair_count = 0; /* the quadratic model was wrong: start again along the gradient */
			continue;
		}
		keep_pair(lbfgs);
		memcpy(lbfgs->x, lbfgs->next_x, lbfgs->n * sizeof(double));
		memcpy(lbfgs->gradient, lbfgs->next_gradient, lbfgs->n * sizeof(double));
		if (before - *value <= 1e-10 * (1 + fabs(before)))
			return;
	}
}

int lbfgs_minimize(double *value, double *x, const struct lbfgs_problem *problem)
{
	size_t n = problem->n;
	for (size_t i = 0; i < n; i++)
		assert(x[i] >= problem->low[i] && x[i] <= problem->high[i]);
	double *block = memory_alloc((5 + 2 * MEMORY) * n + 1, sizeof *block);
	if (!block)
		return -ENOMEM;
	struct lbfgs lbfgs = {.problem = problem, .n = n, .x = block, .gradient = block + n, .next_x = block + 2 * n};
	lbfgs.next_gradient = block + 3 * n;
	lbfgs.direction = block + 4 * n;
	lbfgs.moves = block + 5 * n;
	lbfgs.changes = block + (5 + MEMORY) * n;
	memcpy(lbfgs.x, x, n * sizeof *x);
	descend(&lbfgs, value);
	memcpy(x, lbfgs.x, n * sizeof *x);
	memory_free(block);
	return 0;
}
