/* NSGA-II: a genetic search for several objectives.
 *
 * Deb, Pratap, Agarwal & Meyarivan 2002, "A fast and elitist multiobjective genetic algorithm:
 * NSGA-II", with its rule that feasible trials come before others, and those in the order of their
 * violations. Numbers that all parents have are crossed as the option says; categories, and what a
 * parent lacks, come from either of two parents. Mutation is Optuna's: drawing anew from the prior.
 *
 * A generation is the next complete trials in number order; the best of it and of the parents so
 * far are the next parents. That follows from the history alone: after a restart it is the same,
 * and nothing has to be stored with the trials. */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/samplers/intake.h"
#include "daemon/samplers/nsga2/crossover.h"
#include "daemon/samplers/pareto.h"
#include "daemon/samplers/sampler_type.h"
#include "daemon/samplers/unit.h"
#include "schema/base/memory.h"
#include "schema/space/point.h"

/* A trial with what it is ordered by: violation, rank, crowding. */
struct candidate {
	double violation;
	size_t rank;
	double crowding; /* distance to its neighbours on the front; larger is better */
	size_t row;
};

struct nsga2 {
	const struct space *space;
	const struct history *history;
	size_t population;
	double mutation, crossing, swapping; /* probabilities; mutation NAN = 1 / parameters */
	const struct crossover *crossover;
	double eta;
	struct intake intake;
	size_t parent_count;
	struct candidate *parents; /* (parent_count) best first; room for as many again */
	double *child;             /* (space count) scratch */
	size_t *dims;              /* (space count) numbers that all parents have; scratch */
	double *places; /* (1 + CROSSOVER_PARENTS_AT_MOST, space count) the child's and the parents'; scratch */
};

static void nsga2_destroy(void *state)
{
	struct nsga2 *nsga = state;
	if (!nsga)
		return;
	intake_finish(&nsga->intake);
	memory_free(nsga->parents);
	memory_free(nsga->child);
	memory_free(nsga->dims);
	memory_free(nsga->places);
	memory_free(nsga);
}

static int nsga2_create(void **state, const struct sampler_setup *setup, struct error *error)
{
	struct nsga2 *nsga = memory_alloc(1, sizeof *nsga);
	if (!nsga)
		return error_no_memory(error);
	nsga->space = setup->spec->space;
	nsga->history = setup->history;
	nsga->population = (size_t)method_number(setup->method, "population_size");
	nsga->mutation = method_number(setup->method, "mutation_prob");
	nsga->crossing = method_number(setup->method, "crossover_prob");
	nsga->crossover = crossover_find(method_word(setup->method, "crossover"));
	double eta = method_number(setup->method, "eta");
	nsga->eta = !isnan(eta) ? eta : setup->history->objective_count > 1 ? 20 : 2;
	nsga->swapping = method_number(setup->method, "swapping_prob");
	intake_init(&nsga->intake, setup->history);
	nsga->parents = memory_alloc(2 * nsga->population, sizeof *nsga->parents);
	size_t width = nsga->space->count + 1;
	nsga->child = memory_alloc(width, sizeof *nsga->child);
	nsga->dims = memory_alloc(width, sizeof *nsga->dims);
	nsga->places = memory_alloc(width * (1 + CROSSOVER_PARENTS_AT_MOST), sizeof *nsga->places);
	if (!nsga->parents || !nsga->child || !nsga->dims || !nsga->places) {
		nsga2_destroy(nsga);
		return error_no_memory(error);
	}
	*state = nsga;
	return 0;
}

static int compare_merit(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;
	if (a->violation != b->violation)
		return a->violation < b->violation ? -1 : 1;
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	if (a->crowding != b->crowding)
		return a->crowding > b->crowding ? -1 : 1;
	return (a->row > b->row) - (a->row < b->row);
}

/* A candidate by one of its losses, for walking along a front. */
struct neighbour {
	double loss;
	struct candidate *candidate;
};

static int compare_neighbours(const void *left, const void *right)
{
	const struct neighbour *a = left, *b = right;
	if (a->loss != b->loss)
		return a->loss < b->loss ? -1 : 1;
	return (a->candidate->row > b->candidate->row) - (a->candidate->row < b->candidate->row);
}

/* Adds each candidate's gap between its two neighbours in one objective; the ends are infinitely
 * far from others. */
static void add_crowding(struct neighbour *neighbours, size_t count)
{
	assert(count > 0);
	qsort(neighbours, count, sizeof *neighbours, compare_neighbours);
	double span = neighbours[count - 1].loss - neighbours[0].loss;
	neighbours[0].candidate->crowding = neighbours[count - 1].candidate->crowding = (double)INFINITY;
	for (size_t i = 1; i + 1 < count && span > 0 && isfinite(span); i++)
		neighbours[i].candidate->crowding += (neighbours[i + 1].loss - neighbours[i - 1].loss) / span;
}

/* The candidates of one rank, `count` in a row. `neighbours` has room for them. */
static void measure_crowding(
        struct candidate *front, size_t count, const struct history *history, struct neighbour *neighbours)
{
	size_t k = history->objective_count;
	for (size_t objective = 0; objective < k; objective++) {
		for (size_t i = 0; i < count; i++) {
			double loss = history->losses[front[i].row * k + objective];
			neighbours[i] = (struct neighbour){loss, &front[i]};
		}
		add_crowding(neighbours, count);
	}
}

/* How many candidates from `first` on share its violation and rank. */
static size_t front_size(const struct candidate *candidates, size_t first, size_t count)
{
	size_t end = first;
	while (end < count && candidates[end].violation == candidates[first].violation &&
	        candidates[end].rank == candidates[first].rank)
		end++;
	return end - first;
}

/* Ranks of the feasible candidates, which stand first. */
static int rank_feasible(struct candidate *candidates, size_t count, const struct history *history)
{
	size_t k = history->objective_count, feasible = 0;
	while (feasible < count && candidates[feasible].violation <= 0)
		feasible++;
	size_t *ranks = memory_alloc(feasible + 1, sizeof *ranks);
	double *losses = memory_alloc(feasible * k + 1, sizeof *losses);
	int rc = !ranks || !losses ? -ENOMEM : 0;
	if (!rc) {
		for (size_t i = 0; i < feasible; i++)
			memcpy(losses + i * k, history->losses + candidates[i].row * k, k * sizeof *losses);
		rc = pareto_ranks(ranks, losses, feasible, k, feasible);
	}
	for (size_t i = 0; !rc && i < feasible; i++)
		candidates[i].rank = ranks[i];
	memory_free(ranks);
	memory_free(losses);
	return rc;
}

/* Sorts the candidates by merit. */
static int sort_candidates(struct candidate *candidates, size_t count, const struct history *history)
{
	struct neighbour *neighbours = memory_alloc(count, sizeof *neighbours);
	if (!neighbours)
		return -ENOMEM;
	qsort(candidates, count, sizeof *candidates, compare_merit);
	int rc = rank_feasible(candidates, count, history);
	if (!rc) {
		qsort(candidates, count, sizeof *candidates, compare_merit);
		for (size_t i = 0, size; i < count; i += size) {
			size = front_size(candidates, i, count);
			measure_crowding(candidates + i, size, history, neighbours);
		}
		qsort(candidates, count, sizeof *candidates, compare_merit);
	}
	memory_free(neighbours);
	return rc;
}

/* The best of the parents and of a new generation are the next parents. */
static int select_parents(struct nsga2 *nsga, const size_t *rows)
{
	size_t count = nsga->parent_count;
	for (size_t i = 0; i < count; i++)
		nsga->parents[i] = (struct candidate){nsga->parents[i].violation, 0, 0, nsga->parents[i].row};
	for (size_t i = 0; i < nsga->population; i++)
		nsga->parents[count++] = (struct candidate){nsga->history->violations[rows[i]], 0, 0, rows[i]};
	int rc = sort_candidates(nsga->parents, count, nsga->history);
	if (!rc)
		nsga->parent_count = nsga->population;
	return rc;
}

/* Takes the generations that are complete; all anew when the history has changed below them. */
static int learn(struct nsga2 *nsga)
{
	const size_t *rows;
	int rc = 0;
	if (nsga->intake.count == 0 || !intake_is_valid(&nsga->intake)) {
		intake_reset(&nsga->intake);
		nsga->parent_count = 0;
	}
	while (rc == 0 && (rc = intake_take(&rows, &nsga->intake, nsga->population)) == 0)
		rc = select_parents(nsga, rows);
	if (rc == INTAKE_SHORT)
		return 0;
	intake_reset(&nsga->intake);
	return rc;
}

/* Binary tournament: the better of two, which is the earlier one. */
static size_t pick_parent(const struct nsga2 *nsga, struct rng *rng)
{
	assert(nsga->parent_count > 0);
	size_t a = (size_t)rng_below(rng, nsga->parent_count), b = (size_t)rng_below(rng, nsga->parent_count);
	return a < b ? a : b;
}

static const double *parent_point(const struct nsga2 *nsga, size_t parent)
{
	return history_point(nsga->history, nsga->parents[parent].row);
}

/* Points of `count` different parents; a population too small for that gives some twice. */
static void pick_parents(const double **points, size_t count, const struct nsga2 *nsga, struct rng *rng)
{
	size_t picked[CROSSOVER_PARENTS_AT_MOST];
	assert(count >= 2 && count <= CROSSOVER_PARENTS_AT_MOST);
	for (size_t i = 0; i < count; i++) {
		bool taken = true;
		while (taken) {
			picked[i] = pick_parent(nsga, rng);
			taken = false;
			for (size_t j = 0; j < i && i < nsga->parent_count; j++)
				taken |= picked[j] == picked[i];
		}
		points[i] = parent_point(nsga, picked[i]);
	}
}

/* Each parameter from either parent; from the other one where it is not active. */
static void swap_values(struct nsga2 *nsga, const double *const *parents, struct rng *rng)
{
	for (size_t i = 0; i < nsga->space->count; i++) {
		bool swap = rng_uniform(rng) < nsga->swapping;
		nsga->child[i] = parents[swap][i];
		if (isnan(nsga->child[i]))
			nsga->child[i] = parents[!swap][i];
	}
}

/* Numbers that all parents have go by the crossover. */
static void cross_numbers(struct nsga2 *nsga, const double *const *parents, struct rng *rng)
{
	const struct space *space = nsga->space;
	struct parent_numbers numbers = {.eta = nsga->eta};
	for (size_t i = 0; i < space->count; i++) {
		bool everywhere = space->params[i].kind != PARAM_CATEGORICAL && !param_is_single(&space->params[i]);
		for (size_t k = 0; k < nsga->crossover->parent_count; k++)
			everywhere = everywhere && !isnan(parents[k][i]);
		if (everywhere)
			nsga->dims[numbers.n++] = i;
	}
	for (size_t k = 0; k < nsga->crossover->parent_count; k++) {
		double *places = nsga->places + (k + 1) * numbers.n;
		for (size_t i = 0; i < numbers.n; i++)
			places[i] = unit_of(&space->params[nsga->dims[i]], parents[k][nsga->dims[i]]);
		numbers.numbers[k] = places;
	}
	crossover_breed(nsga->places, nsga->crossover, &numbers, rng);
	for (size_t i = 0; i < numbers.n; i++)
		nsga->child[nsga->dims[i]] = unit_value(&space->params[nsga->dims[i]], nsga->places[i]);
}

/* Sets values to NAN, which are then drawn anew. */
static void mutate(struct nsga2 *nsga, struct rng *rng)
{
	size_t active = 0;
	for (size_t i = 0; i < nsga->space->count; i++)
		active += isnan(nsga->child[i]) ? 0 : 1;
	double chance = isnan(nsga->mutation) ? 1 / fmax(1, (double)active) : nsga->mutation;
	for (size_t i = 0; i < nsga->space->count; i++)
		if (rng_uniform(rng) < chance)
			nsga->child[i] = (double)NAN;
}

static void make_child(struct nsga2 *nsga, struct rng *rng)
{
	const double *parents[CROSSOVER_PARENTS_AT_MOST];
	pick_parents(parents, nsga->crossover->parent_count, nsga, rng);
	if (rng_uniform(rng) < nsga->crossing) {
		swap_values(nsga, parents, rng);
		if (nsga->crossover->breed)
			cross_numbers(nsga, parents, rng);
		point_drop_inactive(nsga->space, nsga->child);
	} else {
		memcpy(nsga->child, parents[0], nsga->space->count * sizeof *nsga->child);
	}
	mutate(nsga, rng);
}

static int nsga2_suggest(void *state, int64_t number, struct rng *rng, double *point)
{
	(void)number;
	struct nsga2 *nsga = state;
	int rc = learn(nsga);
	if (rc)
		return rc;
	if (nsga->parent_count > 0) {
		make_child(nsga, rng);
		for (size_t i = 0; i < nsga->space->count; i++)
			point[i] = isnan(point[i]) ? nsga->child[i] : point[i];
	}
	point_draw(nsga->space, point, rng);
	return 0;
}

/* Sorting a generation takes time in the square of its size, and many generations may be
 * waiting. */
#define POPULATION_AT_MOST 200

static bool nsga2_is_slow(const void *state, int64_t number)
{
	(void)number;
	const struct nsga2 *nsga = state;
	return nsga->population > POPULATION_AT_MOST || intake_is_long(&nsga->intake);
}

const struct sampler_type nsga2_sampler = {
        .name = "nsga2",
        .create = nsga2_create,
        .suggest = nsga2_suggest,
        .destroy = nsga2_destroy,
        .slow = nsga2_is_slow,
};
