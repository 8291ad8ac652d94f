/* Loops take what they read and write as parameters: so the compiler believes that nothing
 * overlaps. */
#include "daemon/samplers/gp/gp_pairs.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/samplers/gp/gp_matern.h"
#include "schema/base/memory.h"

#define LANES 8 /* numbers of the widest vectors */

/* What there is once for each dimension: 1 where gaps are 0 or 1, as those of categories; 5ι;
 * √(5κ); exp(−√(5κ)); sums over points. */
enum { APART, RATES, SCALES, FAR, BY_RATE, BY_SCALE, VALUES, ROWS };

/* Of two points in the second part. */
enum { ROOT, E, OWNS };

int gp_pairs_init(struct gp_pairs *pairs, size_t n, size_t d)
{
	size_t width = (d + LANES - 1) / LANES * LANES;
	*pairs = (struct gp_pairs){.d = d, .width = width};
	pairs->rows = memory_alloc(ROWS * width + 1, sizeof(double));
	pairs->points = memory_alloc(n * MATERN_PARTS * width + 1, sizeof(double));
	pairs->roots = memory_alloc(n * (n + 1) / 2 + 1, sizeof(double));
	pairs->terms = memory_alloc(n * width + 1, sizeof(double));
	pairs->own = memory_alloc(n * OWNS * width + 1, sizeof(double));
	pairs->values = memory_alloc(n + 1, sizeof(double));
	pairs->slopes = memory_alloc(n + 1, sizeof(double));
	if (pairs->rows && pairs->points && pairs->roots && pairs->terms && pairs->own && pairs->values &&
	        pairs->slopes)
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
	memory_free(pairs->own);
	memory_free(pairs->values);
	memory_free(pairs->slopes);
	*pairs = (struct gp_pairs){0};
}

static double *row_of(const struct gp_pairs *pairs, size_t row)
{
	return pairs->rows + row * pairs->width;
}

/* How far two coordinates are apart. */
INLINE double gap_of(double a, double b, double apart)
{
	double gap = fabs(a - b);
	return apart > 0 ? (gap > 0 ? 1.0 : 0.0) : gap;
}

/* ---- points ---- */

/* Categories have no sides. */
FOR_EACH_CPU static void set_sides(
        double *restrict points, const double *restrict scales, const double *restrict apart, size_t width, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		double *at = points + i * MATERN_PARTS * width, *rises = at + MATERN_RISE * width,
		       *falls = at + MATERN_FALL * width;
		for (size_t k = 0; k < width; k++) {
			struct matern_side side = matern_side(at[k], (1 - apart[k]) * scales[k]);
			rises[k] = side.rise;
			falls[k] = side.fall;
		}
	}
}

static void take_kernel(struct gp_pairs *pairs, const struct gp_kernel *kernel)
{
	size_t n = kernel->n, d = pairs->d, width = pairs->width;
	double *apart = row_of(pairs, APART), *scales = row_of(pairs, SCALES);
	for (size_t k = 0; k < d; k++) {
		apart[k] = kernel->categorical[k] ? 1 : 0;
		scales[k] = SQRT5 * sqrt(kernel->own[k]);
		row_of(pairs, RATES)[k] = 5 * kernel->joint[k];
		row_of(pairs, FAR)[k] = exp(-scales[k]);
	}
	for (size_t i = 0; i < n; i++)
		memcpy(pairs->points + i * MATERN_PARTS * width, kernel->x + i * d, d * sizeof(double));
	set_sides(pairs->points, scales, apart, width, n);
}

/* ---- covariances ---- */

/* terms = 5ι gap² */
FOR_EACH_CPU static void set_squares(
        double *restrict terms, const double *restrict points, const double *restrict rows, size_t width, size_t count)
{
	const double *apart = rows + APART * width, *rates = rows + RATES * width;
	for (size_t i = 0; i < count; i++) {
		const double *to = points + i * MATERN_PARTS * width;
		for (size_t k = 0; k < width; k++) {
			double gap = gap_of(points[k], to[k], apart[k]);
			terms[i * width + k] = rates[k] * gap * gap;
		}
	}
}

FOR_EACH_CPU static void set_own(
        double *restrict own, const double *restrict points, const double *restrict rows, size_t width, size_t count)
{
	const double *apart = rows + APART * width, *scales = rows + SCALES * width, *far = rows + FAR * width;
	for (size_t i = 0; i < count; i++) {
		const double *to = points + i * MATERN_PARTS * width;
		double *roots = own + i * OWNS * width, *e = roots + E * width;
		for (size_t k = 0; k < width; k++) {
			double gap = gap_of(points[k], to[k], apart[k]), split = gap * far[k] + (1 - gap);
			double whole = matern_fall(points[MATERN_RISE * width + k], points[MATERN_FALL * width + k],
			        to[MATERN_RISE * width + k], to[MATERN_FALL * width + k]);
			roots[k] = scales[k] * gap;
			e[k] = apart[k] * split + (1 - apart[k]) * whole;
		}
	}
}

/* terms = variance · M */
FOR_EACH_CPU static void set_own_terms(
        double *restrict terms, const double *restrict own, double variance, size_t width, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const double *roots = own + i * OWNS * width, *e = roots + E * width;
		for (size_t k = 0; k < width; k++)
			terms[i * width + k] = variance * matern_bend(roots[k]) * e[k];
	}
}

/* sums += Σ_k terms */
static void add_terms(double *sums, const struct gp_pairs *pairs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const double *terms = pairs->terms + i * pairs->width;
		double sum = sums[i];
		for (size_t k = 0; k < pairs->d; k++)
			sum += terms[k];
		sums[i] = sum;
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

void gp_pairs_matrix(double *matrix, struct gp_pairs *pairs, const struct gp_kernel *kernel)
{
	size_t n = kernel->n, width = pairs->width;
	take_kernel(pairs, kernel);
	for (size_t j = 0; j < n; j++) {
		size_t count = n - j;
		const double *points = pairs->points + j * MATERN_PARTS * width;
		double *row = matrix + j * n + j, *roots = roots_from(pairs, n, j);
		set_squares(pairs->terms, points, pairs->rows, width, count);
		memset(roots, 0, count * sizeof *roots);
		add_terms(roots, pairs, count);
		set_joint(row, roots, kernel->joint_signal, count);
		if (kernel->alone)
			continue;
		set_own(pairs->own, points, pairs->rows, width, count);
		set_own_terms(pairs->terms, pairs->own, kernel->own_signal, width, count);
		add_terms(row, pairs, count);
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

/* BY_RATE = Σ slope · gap² */
FOR_EACH_CPU static void sum_squares(
        double *restrict rows, const double *restrict points, const double *restrict slopes, size_t width, size_t count)
{
	const double *apart = rows + APART * width;
	double *by_rate = rows + BY_RATE * width;
	memset(by_rate, 0, width * sizeof *by_rate);
	for (size_t i = 0; i < count; i++) {
		const double *to = points + i * MATERN_PARTS * width;
		double slope = slopes[i];
		for (size_t k = 0; k < width; k++) {
			double gap = gap_of(points[k], to[k], apart[k]);
			by_rate[k] += slope * gap * gap;
		}
	}
}

/* VALUES = Σ share · M, BY_SCALE = Σ share · (1 + root) root² e */
FOR_EACH_CPU static void sum_own(
        double *restrict rows, const double *restrict own, const double *restrict share, size_t width, size_t count)
{
	double *values = rows + VALUES * width, *by_scale = rows + BY_SCALE * width;
	memset(values, 0, width * sizeof *values);
	memset(by_scale, 0, width * sizeof *by_scale);
	for (size_t i = 0; i < count; i++) {
		const double *roots = own + i * OWNS * width, *e = roots + E * width;
		double weight = share[i];
		for (size_t k = 0; k < width; k++) {
			double root = roots[k], weighed = weight * e[k];
			values[k] += matern_bend(root) * weighed;
			by_scale[k] += (1 + root) * root * root * weighed;
		}
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
	const double *points = pairs->points + j * MATERN_PARTS * width;
	set_joint_slopes(pairs->values, pairs->slopes, roots_from(pairs, kernel->n, j), share, count);
	gradient[GP_JOINT_SIGNAL(d)] += kernel->joint_signal * sum(pairs->values, count);
	sum_squares(pairs->rows, points, pairs->slopes, width, count);
	for (size_t k = 0; k < d; k++)
		gradient[GP_JOINT_RATE(d, k)] -=
		        5.0 / 6 * kernel->joint_signal * kernel->joint[k] * row_of(pairs, BY_RATE)[k];
	if (kernel->alone)
		return;
	set_own(pairs->own, points, pairs->rows, width, count);
	sum_own(pairs->rows, pairs->own, share, width, count);
	for (size_t k = 0; k < d; k++) {
		gradient[GP_OWN_SIGNAL(d)] += kernel->own_signal * row_of(pairs, VALUES)[k];
		gradient[GP_OWN_RATE(d, k)] -= kernel->own_signal / 6 * row_of(pairs, BY_SCALE)[k];
	}
}
