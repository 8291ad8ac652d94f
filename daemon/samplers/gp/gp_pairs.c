/* Loops take what they read and write as parameters: so the compiler believes that nothing
 * overlaps. */
#include "daemon/samplers/gp/gp_pairs.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/samplers/gp/gp_matern.h"
#include "schema/base/memory.h"

#define LANES 8 /* numbers of the widest vectors */

/* What there is once for each dimension: 5ι; √(5κ); what another category loses, 1 −
 * exp(−√(5κ)), 0 of numbers; t/d. */
enum { RATES, SCALES, LOSSES, SIGNALS, ROWS };

/* Of two points, by dimensions: 5ι gap²; t/d · M. */
enum { SQUARE, OWN, TERMS };

/* Of one point and all from itself on, by dimensions: Σ slope · gap²; Σ share · M; Σ share · (1 +
 * root) root² e. */
enum { BY_RATE, VALUES, BY_SCALE, SUMS };

/* How much a loop goes over. */
struct span {
	size_t width, count;
};

int gp_pairs_init(struct gp_pairs *pairs, size_t n, size_t d)
{
	size_t width = (d + LANES - 1) / LANES * LANES;
	*pairs = (struct gp_pairs){.d = d, .width = width};
	pairs->rows = memory_alloc(ROWS * width + 1, sizeof(double));
	pairs->points = memory_alloc(n * MATERN_PARTS * width + 1, sizeof(double));
	pairs->roots = memory_alloc(n * (n + 1) / 2 + 1, sizeof(double));
	pairs->terms = memory_alloc(n * TERMS * LANES + 1, sizeof(double));
	pairs->sums = memory_alloc(SUMS * width + 1, sizeof(double));
	pairs->shares = memory_alloc(2 * n + 1, sizeof(double));
	pairs->values = memory_alloc(n + 1, sizeof(double));
	if (pairs->rows && pairs->points && pairs->roots && pairs->terms && pairs->sums && pairs->shares &&
	        pairs->values)
		return 0;
	gp_pairs_finish(pairs);
	return -ENOMEM;
}

void gp_pairs_finish(struct gp_pairs *pairs)
{
	memory_free(pairs->rows);
	memory_free(pairs->points);
	memory_free(pairs->roots);
	memory_free(pairs->terms);
	memory_free(pairs->sums);
	memory_free(pairs->shares);
	memory_free(pairs->values);
	*pairs = (struct gp_pairs){0};
}

static double *row_of(const struct gp_pairs *pairs, size_t row)
{
	return pairs->rows + row * pairs->width;
}

/* How far two coordinates are apart: numbers lie between 0 and 1, and categories, which are whole
 * numbers, are equal or not. */
INLINE double gap_of(double a, double b)
{
	double gap = fabs(a - b);
	return gap < 1 ? gap : 1;
}

/* ---- points ---- */

FOR_EACH_CPU static void set_sides(
        double *restrict points, const double *restrict scales, const double *restrict losses, struct span span)
{
	size_t width = span.width / LANES * LANES;
	for (size_t i = 0; i < span.count; i++) {
		double *at = points + i * MATERN_PARTS * width;
		double *rises = at + MATERN_RISE * width, *falls = at + MATERN_FALL * width;
		for (size_t k = 0; k < width; k++) {
			struct matern_side side = matern_side(at[k], losses[k] > 0 ? 0 : scales[k]);
			rises[k] = side.rise;
			falls[k] = side.fall;
		}
	}
}

static void take_kernel(struct gp_pairs *pairs, const struct gp_kernel *kernel)
{
	size_t d = pairs->d, width = pairs->width;
	double *scales = row_of(pairs, SCALES), *losses = row_of(pairs, LOSSES);
	for (size_t k = 0; k < d; k++) {
		scales[k] = SQRT5 * sqrt(kernel->own[k]);
		losses[k] = kernel->categorical[k] ? -expm1(-scales[k]) : 0;
		row_of(pairs, RATES)[k] = 5 * kernel->joint[k];
		row_of(pairs, SIGNALS)[k] = kernel->own_signal;
	}
	for (size_t i = 0; i < kernel->n; i++)
		memcpy(pairs->points + i * MATERN_PARTS * width, kernel->x + i * d, d * sizeof(double));
	set_sides(pairs->points, scales, losses, (struct span){width, kernel->n});
}

/* ---- covariances ---- */

/* exp(−root) of the second part, where the gap is known. `a` and `b` are points' coordinates,
 * `row` what there is once, all at the same dimension. Categories have 1 on all sides. */
INLINE double fall_of(const double *a, const double *b, const double *row, double gap, size_t width)
{
	double fall = matern_fall(
	        a[MATERN_RISE * width], a[MATERN_FALL * width], b[MATERN_RISE * width], b[MATERN_FALL * width]);
	return fall * (1 - gap * row[LOSSES * width]);
}

/* Dimensions are summed vector by vector, LANES sums side by side. */
FOR_EACH_CPU static void set_terms(
        double *restrict terms, const double *restrict points, const double *restrict rows, struct span span)
{
	size_t width = span.width / LANES * LANES;
	memset(terms, 0, span.count * TERMS * LANES * sizeof *terms);
	for (size_t first = 0; first < width; first += LANES) {
		const double *at = points + first, *row = rows + first;
		for (size_t i = 0; i < span.count; i++) {
			const double *others = at + i * MATERN_PARTS * width;
			double *squares = terms + i * TERMS * LANES, *own = squares + (size_t)OWN * LANES;
			for (size_t k = 0; k < LANES; k++) {
				double gap = gap_of(at[k], others[k]);
				double fall = fall_of(at + k, others + k, row + k, gap, width);
				squares[k] += row[RATES * width + k] * gap * gap;
				own[k] += row[SIGNALS * width + k] * matern_bend(row[SCALES * width + k] * gap) * fall;
			}
		}
	}
}

/* sums += Σ_k of one kind of terms */
static void add_terms(double *sums, const double *terms, size_t kind, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const double *lanes = terms + (i * TERMS + kind) * LANES;
		sums[i] += ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) +
		           ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
	}
}

/* row = variance · M(√squares); the squares become roots. */
FOR_EACH_CPU static void set_joint(double *restrict row, double *restrict squares, double variance, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		double root = sqrt(squares[i]);
		squares[i] = root;
		row[i] = variance * matern_bend(root) * exp_negative(-root);
	}
}

/* Where the roots of the points from j on begin. */
static double *roots_from(const struct gp_pairs *pairs, size_t n, size_t j)
{
	return pairs->roots + j * (2 * n + 1 - j) / 2;
}

static const double *points_from(const struct gp_pairs *pairs, size_t j)
{
	return pairs->points + j * MATERN_PARTS * pairs->width;
}

void gp_pairs_matrix(double *matrix, struct gp_pairs *pairs, const struct gp_kernel *kernel)
{
	size_t n = kernel->n;
	take_kernel(pairs, kernel);
	for (size_t j = 0; j < n; j++) {
		struct span span = {pairs->width, n - j};
		double *row = matrix + j * n + j, *roots = roots_from(pairs, n, j);
		set_terms(pairs->terms, points_from(pairs, j), pairs->rows, span);
		memset(roots, 0, span.count * sizeof *roots);
		add_terms(roots, pairs->terms, SQUARE, span.count);
		set_joint(row, roots, kernel->joint_signal, span.count);
		add_terms(row, pairs->terms, OWN, span.count);
	}
}

/* ---- slopes ---- */

/* values = share · M, slopes = share · (1 + root) e */
FOR_EACH_CPU static void set_joint_slopes(double *restrict values, double *restrict slopes,
        const double *restrict roots, const double *restrict share, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		double root = roots[i], e = share[i] * exp_negative(-root);
		values[i] = matern_bend(root) * e;
		slopes[i] = (1 + root) * e;
	}
}

/* `shares` are those of the points (count), and the slopes of the first part by squares behind.
 * Sums stay in registers while a vector's dimensions go through all points. */
FOR_EACH_CPU static void set_sums(double *restrict sums, const double *restrict points, const double *restrict rows,
        const double *restrict shares, struct span span)
{
	size_t width = span.width / LANES * LANES;
	for (size_t first = 0; first < width; first += LANES) {
		double by_rate[LANES] = {0}, values[LANES] = {0}, by_scale[LANES] = {0};
		const double *at = points + first, *row = rows + first;
		for (size_t i = 0; i < span.count; i++) {
			const double *others = at + i * MATERN_PARTS * width;
			double share = shares[i], slope = shares[span.count + i];
			for (size_t k = 0; k < LANES; k++) {
				double gap = gap_of(at[k], others[k]);
				double root = row[SCALES * width + k] * gap;
				double e = share * fall_of(at + k, others + k, row + k, gap, width);
				by_rate[k] += slope * gap * gap;
				values[k] += matern_bend(root) * e;
				by_scale[k] += (1 + root) * root * root * e;
			}
		}
		memcpy(sums + BY_RATE * width + first, by_rate, sizeof by_rate);
		memcpy(sums + VALUES * width + first, values, sizeof values);
		memcpy(sums + BY_SCALE * width + first, by_scale, sizeof by_scale);
	}
}

static double sum(const double *terms, size_t n)
{
	double total = 0;
	for (size_t i = 0; i < n; i++)
		total += terms[i];
	return total;
}

void gp_pairs_by_theta(
        double *gradient, struct gp_pairs *pairs, const struct gp_kernel *kernel, size_t j, const double *share)
{
	assert(j < kernel->n);
	size_t d = pairs->d, width = pairs->width, count = kernel->n - j;
	double s = kernel->joint_signal, own = kernel->own_signal;
	memcpy(pairs->shares, share, count * sizeof *share);
	set_joint_slopes(pairs->values, pairs->shares + count, roots_from(pairs, kernel->n, j), share, count);
	set_sums(pairs->sums, points_from(pairs, j), pairs->rows, pairs->shares, (struct span){width, count});
	gradient[GP_JOINT_SIGNAL(d)] += s * sum(pairs->values, count);
	for (size_t k = 0; k < d; k++) {
		gradient[GP_JOINT_RATE(d, k)] -= 5.0 / 6 * s * kernel->joint[k] * pairs->sums[BY_RATE * width + k];
		gradient[GP_OWN_SIGNAL(d)] += own * pairs->sums[VALUES * width + k];
		gradient[GP_OWN_RATE(d, k)] -= own / 6 * pairs->sums[BY_SCALE * width + k];
	}
}
