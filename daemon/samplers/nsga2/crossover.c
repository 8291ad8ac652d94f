/* BLX-α: Eshelman & Schaffer 1993, "Real-Coded Genetic Algorithms and Interval-Schemata". SBX: Deb
 * & Agrawal 1995, "Simulated Binary Crossover for Continuous Search Space", within bounds as Deb,
 * Pratap et al. 2002 do it. vSBX: Ballester & Carter 2003, "Real-Parameter Genetic Algorithms for
 * Finding Multiple Optimal Solutions in Multi-modal Optimization". SPX: Tsutsui, Goldberg & Sastry
 * 2000, "Progress Toward Linkage Learning in Real-Coded GAs with Simplex Crossover". UNDX: Ono &
 * Kobayashi 1999, "A Real-Coded Genetic Algorithm for Function Optimization Using Unimodal Normal
 * Distribution Crossover".
 *
 * Two-child crossovers give one here as in Optuna: each number is a child's with probability ½,
 * else a parent's, and of the two of a pair either is as likely. Unlike Optuna's code, UNDX has
 * deviations σ as in the paper (there σ²), and vSBX one β in a child (there two), so that parents
 * that coincide have children where they are. */
#include "daemon/samplers/nsga2/crossover.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#define TRIES 100
#define ALPHA 0.5          /* of BLX */
#define SIGMA_XI 0.5       /* of UNDX, along the line through two parents */
#define SIGMA_ETA 0.35     /* of UNDX · √n, across it */
#define SMALLEST_GAP 1e-10 /* of parents that coincide */

static bool coin(struct rng *rng)
{
	return rng_uniform(rng) < 0.5;
}

static void breed_blx_alpha(double *child, const struct parent_numbers *parents, struct rng *rng)
{
	for (size_t i = 0; i < parents->n; i++) {
		double low = fmin(parents->numbers[0][i], parents->numbers[1][i]);
		double high = fmax(parents->numbers[0][i], parents->numbers[1][i]), reach = ALPHA * (high - low);
		child[i] = low - reach + rng_uniform(rng) * (high - low + 2 * reach);
	}
}

/* One of a pair of children's numbers, or one of the parents'. */
static double pick(double one, double other, const struct parent_numbers *parents, size_t i, struct rng *rng)
{
	if (coin(rng))
		return coin(rng) ? one : other;
	return parents->numbers[coin(rng)][i];
}

/* β of equation (3) for a bound `room` away from the nearer parent, in gaps between the parents. */
static double spread(double u, double room, double eta)
{
	double alpha = 2 - pow(1 + 2 * room, -(eta + 1));
	return pow(u <= 1 / alpha ? u * alpha : 1 / (2 - u * alpha), 1 / (eta + 1));
}

static void breed_sbx(double *child, const struct parent_numbers *parents, struct rng *rng)
{
	for (size_t i = 0; i < parents->n; i++) {
		double low = fmin(parents->numbers[0][i], parents->numbers[1][i]);
		double high = fmax(parents->numbers[0][i], parents->numbers[1][i]),
		       gap = fmax(high - low, SMALLEST_GAP);
		double u = rng_uniform(rng);
		double below = 0.5 * (low + high - spread(u, low / gap, parents->eta) * gap);
		double above = 0.5 * (low + high + spread(u, (1 - high) / gap, parents->eta) * gap);
		child[i] = pick(below, above, parents, i, rng);
	}
}

static void breed_vsbx(double *child, const struct parent_numbers *parents, struct rng *rng)
{
	bool first = coin(rng), second = coin(rng);
	for (size_t i = 0; i < parents->n; i++) {
		double x = parents->numbers[0][i], y = parents->numbers[1][i], u = rng_uniform(rng);
		double b = pow(1 / fmax(2 * u, SMALLEST_GAP), 1 / (parents->eta + 1));
		double c = pow(1 / fmax(2 * (1 - u), SMALLEST_GAP), 1 / (parents->eta + 1));
		double one = first ? (1 + b) * x + (1 - b) * y : (1 - b) * x + (1 + b) * y;
		double other = second ? (3 - c) * x - (1 - c) * y : -(1 - c) * x + (3 - c) * y;
		child[i] = pick(0.5 * one, 0.5 * other, parents, i, rng);
	}
}

/* A point of the parents' triangle, widened by ε = √(n + 2) about its centre. */
static void breed_spx(double *child, const struct parent_numbers *parents, struct rng *rng)
{
	double r1 = rng_uniform(rng), r2 = sqrt(rng_uniform(rng)), epsilon = sqrt((double)parents->n + 2);
	for (size_t i = 0; i < parents->n; i++) {
		double centre = 0, corner[3];
		for (size_t k = 0; k < 3; k++)
			centre += parents->numbers[k][i] / 3;
		for (size_t k = 0; k < 3; k++)
			corner[k] = centre + epsilon * (parents->numbers[k][i] - centre);
		child[i] = corner[2] + r2 * (corner[1] - corner[2] + r1 * (corner[0] - corner[1]));
	}
}

/* Leaves in `vector` (n) its part orthogonal to the line through the first two parents; returns
 * that part's length. */
static double make_orthogonal(double *vector, const struct parent_numbers *parents)
{
	const double *x = parents->numbers[0], *y = parents->numbers[1];
	double along = 0, square = 0, rest = 0;
	for (size_t i = 0; i < parents->n; i++) {
		along += vector[i] * (y[i] - x[i]);
		square += (y[i] - x[i]) * (y[i] - x[i]);
	}
	for (size_t i = 0; i < parents->n; i++) {
		vector[i] -= square > 0 ? along / square * (y[i] - x[i]) : 0;
		rest += vector[i] * vector[i];
	}
	return sqrt(rest);
}

/* Normal about the middle of two parents; across their line as wide as the third is far from it. A
 * normal vector without its part along the line is normal in the space orthogonal to it: no basis
 * is needed. */
static void breed_undx(double *child, const struct parent_numbers *parents, struct rng *rng)
{
	const double *x = parents->numbers[0], *y = parents->numbers[1], *z = parents->numbers[2];
	double xi = SIGMA_XI * rng_normal(rng), scale = SIGMA_ETA / sqrt((double)parents->n);
	for (size_t i = 0; i < parents->n; i++)
		child[i] = z[i] - x[i];
	scale *= make_orthogonal(child, parents);
	for (size_t i = 0; i < parents->n; i++)
		child[i] = scale * rng_normal(rng);
	make_orthogonal(child, parents);
	for (size_t i = 0; i < parents->n; i++)
		child[i] = 0.5 * (x[i] + y[i]) + xi * (x[i] - y[i]) + (parents->n > 1 ? child[i] : 0);
}

static const struct crossover crossovers[] = {
        {"uniform", 2, NULL},
        {"blx_alpha", 2, breed_blx_alpha},
        {"sbx", 2, breed_sbx},
        {"vsbx", 2, breed_vsbx},
        {"spx", 3, breed_spx},
        {"undx", 3, breed_undx},
};

const struct crossover *crossover_find(const char *name)
{
	size_t i = 0;
	while (i + 1 < sizeof crossovers / sizeof *crossovers && strcmp(crossovers[i].name, name) != 0)
		i++;
	assert(strcmp(crossovers[i].name, name) == 0); /* the table of options has no other names */
	return &crossovers[i];
}

static bool is_inside(const double *place, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!(place[i] >= 0 && place[i] <= 1))
			return false;
	return true;
}

void crossover_breed(
        double *child, const struct crossover *crossover, const struct parent_numbers *parents, struct rng *rng)
{
	for (int i = 0; i < TRIES; i++) {
		crossover->breed(child, parents, rng);
		if (is_inside(child, parents->n))
			return;
	}
	for (size_t i = 0; i < parents->n; i++)
		child[i] = fmin(fmax(child[i], 0), 1);
}
