/* A root is √5 r; with it M = (1 + root + root²/3) e and ∂M/∂r² = −5/6 (1 + root) e, e =
 * exp(−root). Loops over points are kept plain, without calls, so that they become vector
 * instructions. */
#include "daemon/samplers/gp/gp_kernel.h"

#include <assert.h>
#include <errno.h>
#include <math.h>

#include "daemon/samplers/vector_math.h"
#include "schema/base/memory.h"

#define SQRT5 2.23606797749978969641

int gp_kernel_init(struct gp_kernel *kernel, size_t n, size_t d, const bool *categorical, const double *x)
{
	*kernel = (struct gp_kernel){.n = n, .d = d, .categorical = categorical, .x = x, .alone = d < 2};
	kernel->columns = memory_alloc(n * d + 1, sizeof(double));
	kernel->joint = memory_alloc(d + 1, sizeof(double));
	kernel->own = memory_alloc(d + 1, sizeof(double));
	kernel->gaps = memory_alloc(n + 1, sizeof(double));
	kernel->roots = memory_alloc(n + 1, sizeof(double));
	kernel->slopes = memory_alloc(n + 1, sizeof(double));
	kernel->values = memory_alloc(n + 1, sizeof(double));
	if (kernel->columns && kernel->joint && kernel->own && kernel->gaps && kernel->roots && kernel->slopes &&
	        kernel->values)
		return 0;
	gp_kernel_finish(kernel);
	return -ENOMEM;
}

void gp_kernel_finish(struct gp_kernel *kernel)
{
	memory_free(kernel->columns);
	memory_free(kernel->joint);
	memory_free(kernel->own);
	memory_free(kernel->gaps);
	memory_free(kernel->roots);
	memory_free(kernel->slopes);
	memory_free(kernel->values);
	*kernel = (struct gp_kernel){0};
}

void gp_kernel_prepare(struct gp_kernel *kernel, const double *theta)
{
	size_t n = kernel->n, d = kernel->d;
	for (size_t k = 0; k < d; k++) {
		kernel->joint[k] = exp(theta[GP_JOINT_RATE(d, k)]);
		kernel->own[k] = exp(theta[GP_OWN_RATE(d, k)]);
		for (size_t i = 0; i < n; i++)
			kernel->columns[k * n + i] = kernel->x[i * d + k];
	}
	kernel->joint_signal = exp(theta[GP_JOINT_SIGNAL(d)]);
	kernel->own_signal = kernel->alone ? 0 : exp(theta[GP_OWN_SIGNAL(d)]) / (double)d;
}

double gp_kernel_variance(const struct gp_kernel *kernel)
{
	return kernel->joint_signal + kernel->own_signal * (double)kernel->d;
}

/* gaps = |x − column| or, for categories, whether they differ. */
FOR_EACH_CPU static void set_gaps(double *gaps, const double *column, double x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		gaps[i] = fabs(x - column[i]);
}

static void find_gaps(const struct gp_kernel *kernel, const double *x, size_t k, size_t first)
{
	size_t n = kernel->n - first;
	set_gaps(kernel->gaps, kernel->columns + k * kernel->n + first, x[k], n);
	for (size_t i = 0; kernel->categorical[k] && i < n; i++)
		kernel->gaps[i] = kernel->gaps[i] > 0 ? 1 : 0;
}

FOR_EACH_CPU static void add_squares(double *sums, const double *gaps, double rate, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sums[i] += rate * gaps[i] * gaps[i];
}

/* roots of the first part, for the points from `first` on. */
static void find_joint_roots(struct gp_kernel *kernel, const double *x, size_t first)
{
	size_t n = kernel->n - first;
	memset(kernel->roots, 0, n * sizeof *kernel->roots);
	for (size_t k = 0; k < kernel->d; k++) {
		find_gaps(kernel, x, k, first);
		add_squares(kernel->roots, kernel->gaps, 5 * kernel->joint[k], n);
	}
	for (size_t i = 0; i < n; i++)
		kernel->roots[i] = sqrt(kernel->roots[i]);
}

/* row += signal · M(scale · roots) */
FOR_EACH_CPU static void add_matern(double *row, const double *roots, double scale, double signal, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		double root = scale * roots[i];
		row[i] += signal * (1 + root + root * root / 3) * exp_negative(-root);
	}
}

/* slopes = signal · share · ∂M/∂r² */
FOR_EACH_CPU static void set_slopes(double *slopes, const double *roots, const double *share, double signal, size_t n)
{
	for (size_t i = 0; i < n; i++)
		slopes[i] = -5.0 / 6 * signal * share[i] * (1 + roots[i]) * exp_negative(-roots[i]);
}

void gp_kernel_row(double *row, struct gp_kernel *kernel, const double *x, size_t first)
{
	assert(first <= kernel->n);
	size_t n = kernel->n - first;
	find_joint_roots(kernel, x, first);
	memset(row + first, 0, n * sizeof *row);
	add_matern(row + first, kernel->roots, 1, kernel->joint_signal, n);
	for (size_t k = 0; k < kernel->d && !kernel->alone; k++) {
		find_gaps(kernel, x, k, first);
		add_matern(row + first, kernel->gaps, SQRT5 * sqrt(kernel->own[k]), kernel->own_signal, n);
	}
}

/* values = share · M, slopes = share · ½ root ∂M/∂root, which is by the ln of the rate; M at scale
 * · roots. */
FOR_EACH_CPU static void set_terms(
        struct gp_kernel *kernel, const double *roots, const double *share, double scale, size_t n)
{
	double *values = kernel->values, *slopes = kernel->slopes;
	for (size_t i = 0; i < n; i++) {
		double root = scale * roots[i], e = share[i] * exp_negative(-root);
		values[i] = (1 + root + root * root / 3) * e;
		slopes[i] = -(1 + root) * root * root / 6 * e;
	}
}

static double sum(const double *terms, size_t n)
{
	double total = 0;
	for (size_t i = 0; i < n; i++)
		total += terms[i];
	return total;
}

FOR_EACH_CPU static double sum_squares(const double *slopes, const double *gaps, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += slopes[i] * gaps[i] * gaps[i];
	return sum;
}

void gp_kernel_by_theta(double *gradient, struct gp_kernel *kernel, const double *x, size_t first, const double *share)
{
	assert(first <= kernel->n);
	size_t n = kernel->n - first, d = kernel->d;
	find_joint_roots(kernel, x, first);
	set_terms(kernel, kernel->roots, share + first, 1, n);
	gradient[GP_JOINT_SIGNAL(d)] += kernel->joint_signal * sum(kernel->values, n);
	set_slopes(kernel->slopes, kernel->roots, share + first, kernel->joint_signal, n);
	for (size_t k = 0; k < d; k++) {
		find_gaps(kernel, x, k, first);
		gradient[GP_JOINT_RATE(d, k)] += kernel->joint[k] * sum_squares(kernel->slopes, kernel->gaps, n);
	}
	for (size_t k = 0; k < d && !kernel->alone; k++) {
		find_gaps(kernel, x, k, first);
		set_terms(kernel, kernel->gaps, share + first, SQRT5 * sqrt(kernel->own[k]), n);
		gradient[GP_OWN_SIGNAL(d)] += kernel->own_signal * sum(kernel->values, n);
		gradient[GP_OWN_RATE(d, k)] += kernel->own_signal * sum(kernel->slopes, n);
	}
}

/* Σ 2 rate (x − column) slopes */
static double sum_gaps(const double *slopes, const double *column, double x, size_t n)
{
	double sum = 0;
	for (size_t i = 0; i < n; i++)
		sum += 2 * (x - column[i]) * slopes[i];
	return sum;
}

void gp_kernel_by_x(double *gradient, struct gp_kernel *kernel, const double *x, const double *share)
{
	size_t n = kernel->n, d = kernel->d;
	find_joint_roots(kernel, x, 0);
	set_slopes(kernel->slopes, kernel->roots, share, kernel->joint_signal, n);
	for (size_t k = 0; k < d; k++)
		if (!kernel->categorical[k])
			gradient[k] += kernel->joint[k] * sum_gaps(kernel->slopes, kernel->columns + k * n, x[k], n);
	for (size_t k = 0; k < d && !kernel->alone; k++) {
		if (kernel->categorical[k])
			continue;
		find_gaps(kernel, x, k, 0);
		for (size_t i = 0; i < n; i++)
			kernel->roots[i] = SQRT5 * sqrt(kernel->own[k]) * kernel->gaps[i];
		set_slopes(kernel->slopes, kernel->roots, share, kernel->own_signal, n);
		gradient[k] += kernel->own[k] * sum_gaps(kernel->slopes, kernel->columns + k * n, x[k], n);
	}
}
