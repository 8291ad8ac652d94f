/* Loops over points are kept plain, without calls, so that they become vector instructions. */
#include "daemon/samplers/gp/gp_kernel.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/samplers/gp/gp_matern.h"
#include "schema/base/memory.h"

#define SLOPE (-5.0 / 6) /* of ∂M/∂r² */

int gp_kernel_init(struct gp_kernel *kernel, size_t n, size_t d, const bool *categorical, const double *x)
{
	*kernel = (struct gp_kernel){.n = n, .d = d, .categorical = categorical, .x = x, .alone = d < 2};
	kernel->columns = memory_alloc(n * d * MATERN_PARTS + 1, sizeof(double));
	kernel->joint = memory_alloc(d + 1, sizeof(double));
	kernel->own = memory_alloc(d + 1, sizeof(double));
	kernel->scales = memory_alloc(d + 1, sizeof(double));
	kernel->last = memory_alloc(d + 1, sizeof *kernel->last);
	kernel->squares = memory_alloc(n * d + 1, sizeof(double));
	kernel->terms = memory_alloc(n * d + 1, sizeof(double));
	kernel->roots = memory_alloc(n + 1, sizeof(double));
	kernel->joint_falls = memory_alloc(n + 1, sizeof(double));
	kernel->slopes = memory_alloc(n * 2 * GP_KERNEL_SLOPES + 1, sizeof(double));
	if (kernel->columns && kernel->joint && kernel->own && kernel->scales && kernel->last && kernel->squares &&
	        kernel->terms && kernel->roots && kernel->joint_falls && kernel->slopes)
		return 0;
	gp_kernel_finish(kernel);
	return -ENOMEM;
}

void gp_kernel_finish(struct gp_kernel *kernel)
{
	memory_free(kernel->columns);
	memory_free(kernel->joint);
	memory_free(kernel->own);
	memory_free(kernel->scales);
	memory_free(kernel->last);
	memory_free(kernel->squares);
	memory_free(kernel->terms);
	memory_free(kernel->roots);
	memory_free(kernel->joint_falls);
	memory_free(kernel->slopes);
	*kernel = (struct gp_kernel){0};
}

static const double *column_of(const struct gp_kernel *kernel, size_t k)
{
	return kernel->columns + k * MATERN_PARTS * kernel->n;
}

FOR_EACH_CPU static void set_sides(double *restrict column, double scale, size_t n)
{
	double *rises = column + MATERN_RISE * n, *falls = column + MATERN_FALL * n;
	for (size_t i = 0; i < n; i++) {
		struct matern_side side = matern_side(column[i], scale);
		rises[i] = side.rise;
		falls[i] = side.fall;
	}
}

static void set_column(struct gp_kernel *kernel, size_t k)
{
	size_t n = kernel->n;
	double *column = kernel->columns + k * MATERN_PARTS * n;
	for (size_t i = 0; i < n; i++)
		column[i] = kernel->x[i * kernel->d + k];
	if (!kernel->categorical[k])
		set_sides(column, kernel->scales[k], n);
}

void gp_kernel_prepare(struct gp_kernel *kernel, const double *theta)
{
	size_t d = kernel->d;
	for (size_t k = 0; k < d; k++) {
		kernel->joint[k] = exp(theta[GP_JOINT_RATE(d, k)]);
		kernel->own[k] = exp(theta[GP_OWN_RATE(d, k)]);
		kernel->scales[k] = SQRT5 * sqrt(kernel->own[k]);
		kernel->last[k].x = (double)NAN;
		set_column(kernel, k);
	}
	kernel->joint_signal = exp(theta[GP_JOINT_SIGNAL(d)]);
	kernel->own_signal = kernel->alone ? 0 : exp(theta[GP_OWN_SIGNAL(d)]) / (double)d;
}

double gp_kernel_variance(const struct gp_kernel *kernel)
{
	return kernel->joint_signal + kernel->own_signal * (double)kernel->d;
}

/* ---- rows ---- */

/* Of one dimension of the second part, √(5κ) and its variance; and how many points there are. */
struct size {
	double scale, signal;
	size_t n;
};

/* squares = rate · gap² */
FOR_EACH_CPU static void set_squares(
        double *restrict squares, const double *restrict column, double x, double rate, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		double gap = x - column[i];
		squares[i] = rate * gap * gap;
	}
}

/* terms = signal · M */
FOR_EACH_CPU static void set_terms(
        double *restrict terms, const double *restrict column, struct gp_place place, struct size size)
{
	const double *rises = column + MATERN_RISE * size.n, *falls = column + MATERN_FALL * size.n;
	for (size_t i = 0; i < size.n; i++)
		terms[i] = size.signal * matern_bend(size.scale * fabs(place.x - column[i])) *
		           matern_fall(place.rise, place.fall, rises[i], falls[i]);
}

/* Of a category: points have what is near, or what is far. */
FOR_EACH_CPU static void set_apart(
        double *restrict out, const double *restrict column, double x, const double choice[2], size_t n)
{
	double near = choice[0], far = choice[1];
	for (size_t i = 0; i < n; i++)
		out[i] = column[i] == x ? near : far;
}

static void move_category(struct gp_kernel *kernel, size_t k, double x)
{
	size_t n = kernel->n;
	double scale = kernel->scales[k], signal = kernel->own_signal;
	const double squares[2] = {0, 5 * kernel->joint[k]},
	             terms[2] = {signal, signal * matern_bend(scale) * exp_negative(-scale)};
	kernel->last[k] = (struct gp_place){.x = x};
	set_apart(kernel->squares + k * n, column_of(kernel, k), x, squares, n);
	set_apart(kernel->terms + k * n, column_of(kernel, k), x, terms, n);
}

static struct size size_of(const struct gp_kernel *kernel, size_t k, double factor)
{
	return (struct size){kernel->scales[k], factor * kernel->own_signal, kernel->n};
}

static void move_number(struct gp_kernel *kernel, size_t k, double x)
{
	size_t n = kernel->n;
	struct matern_side side = matern_side(x, kernel->scales[k]);
	kernel->last[k] = (struct gp_place){x, side.rise, side.fall};
	set_squares(kernel->squares + k * n, column_of(kernel, k), x, 5 * kernel->joint[k], n);
	if (!kernel->alone)
		set_terms(kernel->terms + k * n, column_of(kernel, k), kernel->last[k], size_of(kernel, k, 1));
}

static void move_to(struct gp_kernel *kernel, const double *x)
{
	for (size_t k = 0; k < kernel->d; k++) {
		if (kernel->last[k].x == x[k])
			continue;
		if (kernel->categorical[k])
			move_category(kernel, k, x[k]);
		else
			move_number(kernel, k, x[k]);
	}
}

/* sums += Σ_k columns, one after another; four at a time cost less than each by itself. */
FOR_EACH_CPU static void add_columns(double *restrict sums, const double *restrict columns, size_t n, size_t d)
{
	size_t k = 0;
	for (; k + 4 <= d; k += 4) {
		const double *four = columns + k * n;
		for (size_t i = 0; i < n; i++)
			sums[i] = sums[i] + four[i] + four[n + i] + four[2 * n + i] + four[3 * n + i];
	}
	for (; k < d; k++)
		for (size_t i = 0; i < n; i++)
			sums[i] += columns[k * n + i];
}

/* row = s · M(√squares), joint_falls = exp(−√squares); the squares become roots. */
FOR_EACH_CPU static void set_joint(double *restrict row, struct gp_kernel *kernel)
{
	double signal = kernel->joint_signal, *restrict roots = kernel->roots, *restrict falls = kernel->joint_falls;
	for (size_t i = 0; i < kernel->n; i++) {
		double root = sqrt(roots[i]), fall = exp_negative(-root);
		roots[i] = root;
		falls[i] = fall;
		row[i] = signal * matern_bend(root) * fall;
	}
}

void gp_kernel_row(double *row, struct gp_kernel *kernel, const double *x)
{
	size_t n = kernel->n;
	move_to(kernel, x);
	memset(kernel->roots, 0, n * sizeof *kernel->roots);
	add_columns(kernel->roots, kernel->squares, n, kernel->d);
	set_joint(row, kernel);
	if (!kernel->alone)
		add_columns(row, kernel->terms, n, kernel->d);
}

/* ---- slopes ---- */

/* slopes = signal · share · ∂M/∂r² of the first part */
FOR_EACH_CPU static void set_joint_slopes(double *restrict slopes, const struct gp_kernel *kernel, const double *share)
{
	const double *roots = kernel->roots, *falls = kernel->joint_falls;
	double factor = SLOPE * kernel->joint_signal;
	for (size_t i = 0; i < kernel->n; i++)
		slopes[i] = factor * share[i] * (1 + roots[i]) * falls[i];
}

/* The same of a dimension of the second part; the factor is the size's signal. */
FOR_EACH_CPU static void set_own_slopes(double *restrict slopes, const double *restrict column,
        const double *restrict share, struct gp_place place, struct size size)
{
	const double *rises = column + MATERN_RISE * size.n, *falls = column + MATERN_FALL * size.n;
	for (size_t i = 0; i < size.n; i++)
		slopes[i] = size.signal * share[i] * (1 + size.scale * fabs(place.x - column[i])) *
		            matern_fall(place.rise, place.fall, rises[i], falls[i]);
}

/* sums[s] = Σ 2 (x − column) slopes[s], of all four at once: each is a chain of additions. */
static void sum_gaps(double sums[2 * GP_KERNEL_SLOPES], const struct gp_kernel *kernel, size_t k)
{
	size_t n = kernel->n;
	const double *column = column_of(kernel, k), *slopes = kernel->slopes;
	double x = kernel->last[k].x, a = 0, b = 0, c = 0, d = 0;
	for (size_t i = 0; i < n; i++) {
		double gap = 2 * (x - column[i]);
		a += gap * slopes[i];
		b += gap * slopes[n + i];
		c += gap * slopes[2 * n + i];
		d += gap * slopes[3 * n + i];
	}
	sums[0] = a;
	sums[1] = b;
	sums[2] = c;
	sums[3] = d;
}

static void add_slopes(struct gp_kernel_slope slopes[GP_KERNEL_SLOPES], struct gp_kernel *kernel, size_t k)
{
	size_t n = kernel->n;
	double *own = kernel->slopes + GP_KERNEL_SLOPES * n, sums[2 * GP_KERNEL_SLOPES];
	struct size size = size_of(kernel, k, SLOPE);
	for (size_t s = 0; s < GP_KERNEL_SLOPES && !kernel->alone; s++)
		set_own_slopes(own + s * n, column_of(kernel, k), slopes[s].share, kernel->last[k], size);
	sum_gaps(sums, kernel, k);
	for (size_t s = 0; s < GP_KERNEL_SLOPES; s++) {
		slopes[s].gradient[k] += kernel->joint[k] * sums[s];
		if (!kernel->alone)
			slopes[s].gradient[k] += kernel->own[k] * sums[GP_KERNEL_SLOPES + s];
	}
}

void gp_kernel_by_x(struct gp_kernel_slope slopes[GP_KERNEL_SLOPES], struct gp_kernel *kernel)
{
	for (size_t s = 0; s < GP_KERNEL_SLOPES; s++)
		set_joint_slopes(kernel->slopes + s * kernel->n, kernel, slopes[s].share);
	for (size_t k = 0; k < kernel->d; k++)
		if (!kernel->categorical[k])
			add_slopes(slopes, kernel, k);
}
