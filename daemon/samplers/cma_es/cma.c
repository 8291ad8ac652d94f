#include "daemon/samplers/cma_es/cma.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include <lapacke.h>

#include "schema/base/memory.h"

#define CONDITION_AT_MOST 1e14
#define LENGTH_BEYOND_ROOT_N 3 /* a drawn step longer than √n + 3 is one in thousands; a foreign one is cut there */

static double square(double x)
{
	return x * x;
}

/* The sum of weights and of their squares give how many points they are worth. */
static double effective_count(const double *weights, size_t count)
{
	double sum = 0, squares = 0;
	for (size_t i = 0; i < count; i++) {
		sum += weights[i];
		squares += square(weights[i]);
	}
	return squares > 0 ? sum * sum / squares : 0;
}

/* Divides by the sum of absolute values, times `factor`. */
static void normalise(double *weights, size_t count, double factor)
{
	double sum = 0;
	for (size_t i = 0; i < count; i++)
		sum += fabs(weights[i]);
	for (size_t i = 0; i < count && sum > 0; i++)
		weights[i] *= factor / sum;
}

/* Equations 49 to 58 and table 1 of the tutorial. */
static void set_constants(struct cma *cma)
{
	double n = (double)cma->n;
	cma->mu = cma->lambda / 2;
	for (size_t i = 0; i < cma->lambda; i++)
		cma->weights[i] = log(((double)cma->lambda + 1) / 2) - log((double)i + 1);
	double mu_eff = effective_count(cma->weights, cma->mu);
	double mu_eff_minus = effective_count(cma->weights + cma->mu, cma->lambda - cma->mu);
	cma->mu_eff = mu_eff;
	cma->c_sigma = (mu_eff + 2) / (n + mu_eff + 5);
	cma->d_sigma = 1 + 2 * fmax(0, sqrt((mu_eff - 1) / (n + 1)) - 1) + cma->c_sigma;
	cma->c_c = (4 + mu_eff / n) / (n + 4 + 2 * mu_eff / n);
	cma->c_1 = 2 / (square(n + 1.3) + mu_eff);
	cma->c_mu = fmin(1 - cma->c_1, 2 * (0.25 + mu_eff + 1 / mu_eff - 2) / (square(n + 2) + mu_eff));
	double keep = fmin(1 + cma->c_1 / cma->c_mu, 1 + 2 * mu_eff_minus / (mu_eff + 2));
	double definite = (1 - cma->c_1 - cma->c_mu) / (n * cma->c_mu);
	normalise(cma->weights, cma->mu, 1);
	normalise(cma->weights + cma->mu, cma->lambda - cma->mu, fmin(keep, definite));
}

static void set_identity(double *matrix, size_t n)
{
	memset(matrix, 0, n * n * sizeof *matrix);
	for (size_t i = 0; i < n; i++)
		matrix[i * n + i] = 1;
}

static size_t number_count(size_t n, size_t lambda)
{
	return lambda * (n + 1) + 2 * n * n + 7 * n;
}

/* Places the arrays in one block. */
static void place_arrays(struct cma *cma)
{
	size_t n = cma->n;
	double *next = cma->numbers;
	double **arrays[] = {&cma->weights, &cma->steps, &cma->covariance, &cma->basis, &cma->mean, &cma->scale,
	        &cma->path_sigma, &cma->path_c, &cma->roots, &cma->step_mean, &cma->whitened};
	const size_t sizes[] = {cma->lambda, cma->lambda * n, n * n, n * n, n, n, n, n, n, n, n};
	_Static_assert(sizeof arrays / sizeof *arrays == sizeof sizes / sizeof *sizes, "every array has a size");
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		*arrays[i] = next;
		next += sizes[i];
	}
	assert(next == cma->numbers + number_count(n, cma->lambda));
}

int cma_init(struct cma *cma, size_t n, size_t lambda, const double *mean, double sigma)
{
	assert(n >= 1 && lambda >= 2);
	double *numbers = memory_alloc(number_count(n, lambda), sizeof *numbers);
	if (!numbers)
		return -ENOMEM;
	*cma = (struct cma){.n = n, .lambda = lambda, .sigma = sigma, .numbers = numbers};
	place_arrays(cma);
	set_constants(cma);
	memcpy(cma->mean, mean, n * sizeof *mean);
	set_identity(cma->covariance, n);
	set_identity(cma->basis, n);
	for (size_t i = 0; i < n; i++)
		cma->scale[i] = cma->roots[i] = 1;
	return 0;
}

void cma_finish(struct cma *cma)
{
	memory_free(cma->numbers);
	*cma = (struct cma){0};
}

double cma_deviation(const struct cma *cma, size_t i)
{
	assert(i < cma->n);
	return cma->sigma * cma->scale[i] * sqrt(cma->covariance[i * cma->n + i]);
}

void cma_draw(double *point, const struct cma *cma, struct rng *rng)
{
	size_t n = cma->n;
	memset(point, 0, n * sizeof *point);
	for (size_t axis = 0; axis < n; axis++) {
		double length = cma->roots[axis] * rng_normal(rng);
		for (size_t i = 0; i < n; i++)
			point[i] += cma->basis[axis * n + i] * length;
	}
	for (size_t i = 0; i < n; i++)
		point[i] = cma->mean[i] + cma->sigma * cma->scale[i] * point[i];
}

/* out = C^(−1/2) · step; returns its length. */
static double whiten(double *out, const struct cma *cma, const double *step)
{
	size_t n = cma->n;
	double squares = 0;
	memset(out, 0, n * sizeof *out);
	for (size_t axis = 0; axis < n; axis++) {
		double along = 0;
		for (size_t i = 0; i < n; i++)
			along += cma->basis[axis * n + i] * step[i];
		along /= cma->roots[axis];
		squares += along * along;
		for (size_t i = 0; i < n; i++)
			out[i] += cma->basis[axis * n + i] * along;
	}
	return sqrt(squares);
}

/* The points as steps from the mean in units of the step size, cut to the length that drawn steps
 * have at most. */
static void measure_steps(struct cma *cma, const double *points)
{
	size_t n = cma->n;
	double longest = sqrt((double)n) + LENGTH_BEYOND_ROOT_N;
	for (size_t k = 0; k < cma->lambda; k++) {
		double *step = cma->steps + k * n;
		for (size_t i = 0; i < n; i++)
			step[i] = (points[k * n + i] - cma->mean[i]) / (cma->sigma * cma->scale[i]);
		double length = whiten(cma->whitened, cma, step);
		for (size_t i = 0; i < n && length > longest; i++)
			step[i] *= longest / length;
	}
}

/* The weighted mean of the good steps; moves the mean there. */
static void move_mean(struct cma *cma)
{
	size_t n = cma->n;
	memset(cma->step_mean, 0, n * sizeof *cma->step_mean);
	for (size_t k = 0; k < cma->mu; k++)
		for (size_t i = 0; i < n; i++)
			cma->step_mean[i] += cma->weights[k] * cma->steps[k * n + i];
	for (size_t i = 0; i < n; i++)
		cma->mean[i] += cma->sigma * cma->scale[i] * cma->step_mean[i];
}

/* Cumulative step-size adaptation. True when the path is not so long that the covariance should
 * wait (h_σ). */
static bool adapt_sigma(struct cma *cma)
{
	double n = (double)cma->n, squares = 0, c = cma->c_sigma;
	double expected = sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n));
	whiten(cma->whitened, cma, cma->step_mean);
	for (size_t i = 0; i < cma->n; i++) {
		double *path = &cma->path_sigma[i];
		*path = (1 - c) * *path + sqrt(c * (2 - c) * cma->mu_eff) * cma->whitened[i];
		squares += square(*path);
	}
	double length = sqrt(squares);
	cma->sigma *= exp(fmin(1, c / cma->d_sigma * (length / expected - 1)));
	double settled = sqrt(1 - pow(1 - c, 2 * (double)(cma->generation + 1)));
	return length / settled < (1.4 + 2 / (n + 1)) * expected;
}

/* covariance += weight · step · stepᵀ */
static void add_outer(struct cma *cma, double weight, const double *step)
{
	for (size_t i = 0; i < cma->n; i++)
		for (size_t j = 0; j < cma->n; j++)
			cma->covariance[i * cma->n + j] += weight * step[i] * step[j];
}

/* A bad step's weight shrinks with its length, so that the covariance stays positive definite. */
static double rank_mu_weight(struct cma *cma, size_t k)
{
	double weight = cma->weights[k];
	if (weight >= 0)
		return weight;
	double length = whiten(cma->whitened, cma, cma->steps + k * cma->n);
	return weight * (double)cma->n / fmax(square(length), 1e-8);
}

static void adapt_covariance(struct cma *cma, bool path_is_short)
{
	size_t n = cma->n;
	double c = cma->c_c, sum = 0;
	for (size_t i = 0; i < n; i++) {
		cma->path_c[i] *= 1 - c;
		if (path_is_short)
			cma->path_c[i] += sqrt(c * (2 - c) * cma->mu_eff) * cma->step_mean[i];
	}
	for (size_t k = 0; k < cma->lambda; k++)
		sum += cma->weights[k];
	double lost = path_is_short ? 0 : c * (2 - c);
	double kept = 1 + cma->c_1 * lost - cma->c_1 - cma->c_mu * sum;
	for (size_t i = 0; i < n * n; i++)
		cma->covariance[i] *= kept;
	add_outer(cma, cma->c_1, cma->path_c);
	for (size_t k = 0; k < cma->lambda; k++)
		add_outer(cma, cma->c_mu * rank_mu_weight(cma, k), cma->steps + k * n);
}

/* Eigenvectors and roots of the covariance for the next generation. */
static int decompose(struct cma *cma)
{
	size_t n = cma->n;
	lapack_int size = (lapack_int)n;
	for (size_t i = 0; i < n * n; i++) {
		if (!isfinite(cma->covariance[i]))
			return CMA_DEGENERATE;
		cma->basis[i] = cma->covariance[i];
	}
	/* Column-major: LAPACK's columns are our rows, and a symmetric matrix is its own
	 * transpose. */
	lapack_int info = LAPACKE_dsyev(LAPACK_COL_MAJOR, 'V', 'U', size, cma->basis, size, cma->roots);
	if (info == LAPACK_WORK_MEMORY_ERROR)
		return -ENOMEM;
	if (info != 0 || !(cma->roots[0] > 0) || cma->roots[n - 1] > CONDITION_AT_MOST * cma->roots[0])
		return CMA_DEGENERATE;
	for (size_t i = 0; i < n; i++)
		cma->roots[i] = sqrt(cma->roots[i]);
	return 0;
}

int cma_learn(struct cma *cma, const double *points)
{
	measure_steps(cma, points);
	move_mean(cma);
	bool path_is_short = adapt_sigma(cma);
	adapt_covariance(cma, path_is_short);
	cma->generation++;
	return decompose(cma);
}
