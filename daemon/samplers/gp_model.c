#include "daemon/samplers/gp_model.h"

#include <cblas.h>
#include <errno.h>
#include <lapacke.h>
#include <math.h>
#include <string.h>

#include "daemon/samplers/lbfgs.h"
#include "schema/base/memory.h"

#define SQRT5 2.23606797749978969641
#define FIT_STEPS 30
#define FIRST_LENGTH 0.3     /* · √d: where the search for length scales starts */
#define LOG_NOISE_NONE -16.0 /* ln of the noise variance that stands for none */
#define LOG_NOISE_LOW                                                                                                  \
	-7.0 /* ln of the smallest one in the fit: finer detail of crowded spots must not set the scales */
#define LOG_NOISE_HIGH 0.0
#define LOG_NOISE_MEAN -9.0 /* prior of ln noise: most objectives are smooth, but not all */
#define LOG_NOISE_SPREAD 2.0
#define LOG_SIGNAL_SPREAD 1.0

int gp_model_init(struct gp_model *model, size_t n, size_t d, const bool *categorical)
{
	openblas_set_num_threads(1); /* the matrices are small: waking threads costs more than they save */
	*model = (struct gp_model){.n = n, .d = d, .categorical = categorical};
	model->x = memory_alloc(n * d + 1, sizeof(double));
	model->y = memory_alloc(n + 1, sizeof(double));
	model->theta = memory_alloc(d + 2, sizeof(double));
	model->factor = memory_alloc(n * n + 1, sizeof(double));
	model->weights = memory_alloc(n + 1, sizeof(double));
	model->inverse = memory_alloc(n * n + 1, sizeof(double));
	model->column = memory_alloc(n + 1, sizeof(double));
	model->solved = memory_alloc(n + 1, sizeof(double));
	if (model->x && model->y && model->theta && model->factor && model->weights && model->inverse &&
	        model->column && model->solved)
		return 0;
	gp_model_finish(model);
	return -ENOMEM;
}

void gp_model_finish(struct gp_model *model)
{
	memory_free(model->x);
	memory_free(model->y);
	memory_free(model->theta);
	memory_free(model->factor);
	memory_free(model->weights);
	memory_free(model->inverse);
	memory_free(model->column);
	memory_free(model->solved);
	*model = (struct gp_model){0};
}

static double gap_squared(const struct gp_model *model, const double *a, const double *b, size_t k)
{
	double gap = a[k] - b[k];
	if (model->categorical[k])
		return gap == 0 ? 0 : 1;
	return gap * gap;
}

static double distance_squared(const struct gp_model *model, const double *rates, const double *a, const double *b)
{
	double sum = 0;
	for (size_t k = 0; k < model->d; k++)
		sum += rates[k] * gap_squared(model, a, b, k);
	return sum;
}

/* k = s (1 + √5 r + 5/3 r²) exp(−√5 r), and its slope by r². */
static double matern(double signal, double r_squared, double *slope)
{
	double root = SQRT5 * sqrt(r_squared), decay = signal * exp(-root);
	*slope = -5.0 / 6 * (1 + root) * decay;
	return (1 + root + 5.0 / 3 * r_squared) * decay;
}

/* Factors K = LLᵀ and solves for the weights. */
static int factorise(struct gp_model *model, const double *theta)
{
	size_t n = model->n, d = model->d;
	double rates[256], slope, signal = exp(theta[d]), noise = exp(theta[d + 1]);
	for (size_t k = 0; k < d && k < 256; k++)
		rates[k] = exp(theta[k]);
	for (size_t j = 0; j < n; j++) {
		for (size_t i = j; i < n; i++) {
			double r = distance_squared(model, rates, model->x + i * d, model->x + j * d);
			model->factor[j * n + i] = matern(signal, r, &slope);
		}
		model->factor[j * n + j] += noise + 1e-10 * signal;
	}
	lapack_int size = (lapack_int)n;
	if (LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'L', size, model->factor, size) != 0)
		return GP_SINGULAR;
	memcpy(model->weights, model->y, n * sizeof(double));
	LAPACKE_dpotrs_work(LAPACK_COL_MAJOR, 'L', size, 1, model->factor, size, model->weights, size);
	return 0;
}

/* −ln of the priors: ln length scale ~ N(√2 + ½ ln d, √3), ln signal ~ N(0, 1), ln noise ~ N(-9, 2). */
static double add_priors(const struct gp_model *model, const double *theta, double *gradient)
{
	size_t d = model->d;
	double value = 0, mean = sqrt(2) - 3 + 0.5 * log((double)d);
	for (size_t k = 0; k < d; k++) {
		double off = -0.5 * theta[k] - mean; /* ln ℓ = −½ ln ι */
		value += 0.5 * off * off;
		gradient[k] -= 0.5 * off;
	}
	value += 0.5 * pow(theta[d] / LOG_SIGNAL_SPREAD, 2);
	gradient[d] += theta[d] / (LOG_SIGNAL_SPREAD * LOG_SIGNAL_SPREAD);
	double off = (theta[d + 1] - LOG_NOISE_MEAN) / LOG_NOISE_SPREAD;
	gradient[d + 1] += off / LOG_NOISE_SPREAD;
	return value + 0.5 * off * off;
}

/* gradient += ½ tr((K⁻¹ − ααᵀ) ∂K/∂θ) */
static void add_trace(const struct gp_model *model, const double *theta, double *gradient)
{
	size_t n = model->n, d = model->d;
	double rates[256], signal = exp(theta[d]), noise = exp(theta[d + 1]);
	for (size_t k = 0; k < d && k < 256; k++)
		rates[k] = exp(theta[k]);
	for (size_t j = 0; j < n; j++) {
		for (size_t i = j; i < n; i++) {
			const double *a = model->x + i * d, *b = model->x + j * d;
			double share = (i == j ? 0.5 : 1) *
			               (model->inverse[j * n + i] - model->weights[i] * model->weights[j]);
			double slope, k_ij = matern(signal, distance_squared(model, rates, a, b), &slope);
			gradient[d] += share * k_ij;
			for (size_t k = 0; k < d; k++)
				gradient[k] += share * slope * rates[k] * gap_squared(model, a, b, k);
		}
		gradient[d + 1] += 0.5 * noise * (model->inverse[j * n + j] - model->weights[j] * model->weights[j]);
	}
}

/* −ln (likelihood · priors) and its gradient; lbfgs_problem.value. */
static double misfit(void *context, const double *theta, double *gradient)
{
	struct gp_model *model = context;
	size_t n = model->n;
	lapack_int size = (lapack_int)n;
	if (factorise(model, theta) != 0)
		return (double)INFINITY;
	double value = 0.5 * cblas_ddot((int)n, model->y, 1, model->weights, 1);
	for (size_t i = 0; i < n; i++)
		value += log(model->factor[i * n + i]);
	memcpy(model->inverse, model->factor, n * n * sizeof(double));
	LAPACKE_dpotri_work(LAPACK_COL_MAJOR, 'L', size, model->inverse, size);
	memset(gradient, 0, (model->d + 2) * sizeof *gradient);
	add_trace(model, theta, gradient);
	return value + add_priors(model, theta, gradient);
}

/* Points that nearly coincide need some noise to be told apart by; as little as will do. */
int gp_model_condition(struct gp_model *model)
{
	double *log_noise = &model->theta[model->d + 1];
	int failed = factorise(model, model->theta);
	while (failed && *log_noise < LOG_NOISE_HIGH) {
		*log_noise += 2;
		failed = factorise(model, model->theta);
	}
	return failed;
}

int gp_model_fit(struct gp_model *model, bool noiseless, double *misfit_at_best)
{
	size_t d = model->d;
	double *block = memory_alloc(3 * (d + 2), sizeof *block);
	if (block == NULL)
		return -ENOMEM;
	double *low = block, *high = block + d + 2, *theta = block + 2 * (d + 2);
	for (size_t k = 0; k < d + 2; k++) {
		low[k] = k < d ? -10 : k == d ? -4 : LOG_NOISE_LOW;
		high[k] = k < d ? 12 : k == d ? 6 : noiseless ? LOG_NOISE_LOW : LOG_NOISE_HIGH;
	}
	for (size_t k = 0; k < d; k++)
		theta[k] = -2 * log(FIRST_LENGTH * sqrt((double)d));
	theta[d] = 0;
	theta[d + 1] = noiseless ? LOG_NOISE_LOW : -4;
	struct lbfgs_problem problem = {d + 2, low, high, misfit, model, FIT_STEPS};
	int failed = lbfgs_minimize(&problem, theta, misfit_at_best);
	memcpy(model->theta, theta, (d + 2) * sizeof *theta);
	memory_free(block);
	if (failed || !isfinite(*misfit_at_best))
		return failed ? failed : GP_SINGULAR;
	if (model->theta[d + 1] < LOG_NOISE_LOW + 0.1)
		model->theta[d + 1] = LOG_NOISE_NONE;
	return gp_model_condition(model);
}

/* One pass of slopes: gradient_k += 2 ι_k (x_k − x_ik) · Σ share_i ∂k_i/∂r² for both gradients. */
static void add_slopes(
        struct gp_model *model, const double *x, const double *rates, double *mean_gradient, double *variance_gradient)
{
	size_t d = model->d;
	double signal = exp(model->theta[d]);
	for (size_t i = 0; i < model->n; i++) {
		const double *point = model->x + i * d;
		double slope;
		matern(signal, distance_squared(model, rates, x, point), &slope);
		for (size_t k = 0; k < d; k++) {
			double change = model->categorical[k] ? 0 : 2 * slope * rates[k] * (x[k] - point[k]);
			mean_gradient[k] += change * model->weights[i];
			variance_gradient[k] -= 2 * change * model->solved[i];
		}
	}
}

void gp_model_predict(struct gp_model *model, const double *x, double *mean, double *variance, double *mean_gradient,
        double *variance_gradient)
{
	size_t n = model->n, d = model->d;
	double rates[256], slope, signal = exp(model->theta[d]);
	for (size_t k = 0; k < d && k < 256; k++)
		rates[k] = exp(model->theta[k]);
	for (size_t i = 0; i < n; i++)
		model->column[i] = matern(signal, distance_squared(model, rates, x, model->x + i * d), &slope);
	memcpy(model->solved, model->column, n * sizeof(double));
	cblas_dtrsv(
	        CblasColMajor, CblasLower, CblasNoTrans, CblasNonUnit, (int)n, model->factor, (int)n, model->solved, 1);
	*mean = cblas_ddot((int)n, model->column, 1, model->weights, 1);
	*variance = fmax(signal - cblas_ddot((int)n, model->solved, 1, model->solved, 1), 1e-12);
	if (mean_gradient == NULL)
		return;
	cblas_dtrsv(
	        CblasColMajor, CblasLower, CblasTrans, CblasNonUnit, (int)n, model->factor, (int)n, model->solved, 1);
	memset(mean_gradient, 0, d * sizeof *mean_gradient);
	memset(variance_gradient, 0, d * sizeof *variance_gradient);
	add_slopes(model, x, rates, mean_gradient, variance_gradient);
}
