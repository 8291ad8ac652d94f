#include "daemon/samplers/gp/gp_model.h"

#include <assert.h>
#include <cblas.h>
#include <errno.h>
#include <lapacke.h>
#include <math.h>
#include <string.h>

#include "daemon/samplers/gp/lbfgs.h"
#include "schema/base/memory.h"

#define FIT_STEPS 20
#define REFIT_STEPS 6          /* from where a likely start is known */
#define FIRST_LENGTH 0.3       /* · √d: where the search for length scales starts */
#define LOG_NOISE_NONE (-16.0) /* ln of the noise variance that stands for none */
#define LOG_NOISE_LOW (-7.0)   /* of the least in the fit: detail of crowded spots must not set the scales */
#define LOG_NOISE_HIGH 0.0
#define LOG_NOISE_MEAN (-4.0) /* prior of ln noise: most objectives are smooth, but not all */
#define LOG_NOISE_SPREAD 1.5
#define LOG_NOISE_KNOWN_SPREAD 0.5 /* of the same where it was measured */
#define LOG_SIGNAL_SPREAD 1.0
#define OWN_LENGTH 0.1             /* where the search for the length scales of the second part starts */
#define LOG_OWN_LENGTH_MEAN (-1.6) /* prior of those */
#define LOG_OWN_LENGTH_SPREAD 1.0
#define LOG_OWN_MEAN (-1.0) /* prior of the second part's ln variance */
#define LOG_OWN_SPREAD 1.5

int gp_model_init(struct gp_model *model, size_t n, size_t d, const bool *categorical)
{
	openblas_set_num_threads(1); /* the matrices are small: waking threads costs more than they save */
	*model = (struct gp_model){.n = n, .d = d};
	model->x = memory_alloc(n * d + 1, sizeof(double));
	model->y = memory_alloc(n + 1, sizeof(double));
	model->noises = memory_alloc(n + 1, sizeof(double));
	model->theta = memory_alloc(GP_THETA_COUNT(d), sizeof(double));
	model->factor = memory_alloc(n * n + 1, sizeof(double));
	model->weights = memory_alloc(n + 1, sizeof(double));
	model->inverse = memory_alloc(n * n + 1, sizeof(double));
	model->column = memory_alloc(n + 1, sizeof(double));
	model->solved = memory_alloc(n + 1, sizeof(double));
	model->sides = memory_alloc(n * GP_SIDES + 1, sizeof(double));
	if (model->x && model->y && model->noises && model->theta && model->factor && model->weights &&
	        model->inverse && model->column && model->solved && model->sides &&
	        gp_kernel_init(&model->kernel, n, d, categorical, model->x) == 0 &&
	        gp_pairs_init(&model->pairs, n, d) == 0) {
		for (size_t i = 0; i < n; i++)
			model->noises[i] = 1;
		return 0;
	}
	gp_model_finish(model);
	return -ENOMEM;
}

void gp_model_finish(struct gp_model *model)
{
	gp_kernel_finish(&model->kernel);
	gp_pairs_finish(&model->pairs);
	memory_free(model->x);
	memory_free(model->y);
	memory_free(model->noises);
	memory_free(model->theta);
	memory_free(model->factor);
	memory_free(model->weights);
	memory_free(model->inverse);
	memory_free(model->column);
	memory_free(model->solved);
	memory_free(model->sides);
	*model = (struct gp_model){0};
}

double gp_model_own(const struct gp_model *model, size_t i, size_t j)
{
	const double *a = model->x + i * model->d, *b = model->x + j * model->d;
	size_t k = 0;
	while (k < model->d && a[k] == b[k])
		k++;
	return k == model->d ? model->own : 0;
}

/* To the lower triangle of K; the diagonal has it with the noise. */
static void add_own(struct gp_model *model)
{
	size_t n = model->n;
	for (size_t j = 0; j < n && model->own > 0; j++)
		for (size_t i = j + 1; i < n; i++)
			model->factor[j * n + i] += gp_model_own(model, i, j);
}

/* Factors K = LLᵀ and solves for the weights. */
static int factorise(struct gp_model *model, const double *theta)
{
	size_t n = model->n, d = model->d;
	assert(n > 0);
	double noise = exp(theta[GP_NOISE(d)]);
	model->kernel.n = n;
	gp_kernel_prepare(&model->kernel, theta);
	gp_pairs_matrix(model->factor, &model->pairs, &model->kernel);
	add_own(model);
	for (size_t j = 0; j < n; j++)
		model->factor[j * n + j] += noise * model->noises[j] + 1e-10 * gp_kernel_variance(&model->kernel);
	lapack_int size = (lapack_int)n;
	if (LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'L', size, model->factor, size) != 0)
		return GP_SINGULAR;
	memcpy(model->weights, model->y, n * sizeof(double));
	LAPACKE_dpotrs_work(LAPACK_COL_MAJOR, 'L', size, 1, model->factor, size, model->weights, size);
	return 0;
}

/* What is believed of θ_i before anything is seen. Lengths: ln ℓ = −½ ln ι. */
struct prior {
	double mean, spread;
};

static struct prior prior_of(const struct gp_model *model, size_t i)
{
	size_t d = model->d;
	if (i < GP_OWN_RATE(d, 0))
		return (struct prior){-2 * (sqrt(2) - 3 + 0.5 * log((double)d)), 2};
	if (i < GP_JOINT_SIGNAL(d))
		return (struct prior){-2 * LOG_OWN_LENGTH_MEAN, 2 * LOG_OWN_LENGTH_SPREAD};
	if (i == GP_JOINT_SIGNAL(d))
		return (struct prior){0, LOG_SIGNAL_SPREAD};
	if (i == GP_OWN_SIGNAL(d))
		return (struct prior){LOG_OWN_MEAN, LOG_OWN_SPREAD};
	if (model->log_noise < 0)
		return (struct prior){model->log_noise, LOG_NOISE_KNOWN_SPREAD};
	return (struct prior){LOG_NOISE_MEAN, LOG_NOISE_SPREAD};
}

/* −ln of its density */
static double prior_misfit(const struct gp_model *model, const double *theta, size_t i)
{
	struct prior prior = prior_of(model, i);
	double off = (theta[i] - prior.mean) / prior.spread;
	return 0.5 * off * off;
}

static double priors_misfit(const struct gp_model *model, const double *theta)
{
	size_t d = model->d;
	double value = 0;
	for (size_t k = 0; k < d; k++) {
		value += prior_misfit(model, theta, GP_JOINT_RATE(d, k));
		value += prior_misfit(model, theta, GP_OWN_RATE(d, k));
	}
	for (size_t i = GP_JOINT_SIGNAL(d); i < GP_THETA_COUNT(d); i++)
		value += prior_misfit(model, theta, i);
	return value;
}

static void add_prior_slopes(const struct gp_model *model, const double *theta, double *gradient)
{
	for (size_t i = 0; i < GP_THETA_COUNT(model->d); i++) {
		struct prior prior = prior_of(model, i);
		double off = (theta[i] - prior.mean) / prior.spread;
		gradient[i] += off / prior.spread;
	}
}

/* gradient += ½ tr((K⁻¹ − ααᵀ) ∂K/∂θ) */
static void add_trace(struct gp_model *model, const double *theta, double *gradient)
{
	size_t n = model->n, d = model->d;
	double noise = exp(theta[GP_NOISE(d)]), *share = model->column;
	for (size_t j = 0; j < n; j++) {
		for (size_t i = j; i < n; i++)
			share[i] = model->inverse[j * n + i] - model->weights[i] * model->weights[j];
		share[j] *= 0.5;
		gradient[GP_NOISE(d)] += noise * model->noises[j] * share[j];
		gp_pairs_by_theta(gradient, &model->pairs, &model->kernel, j, share + j);
	}
}

/* −ln (likelihood · priors); lbfgs_problem.value. */
static double misfit(void *context, const double *theta)
{
	struct gp_model *model = context;
	size_t n = model->n;
	if (factorise(model, theta) != 0)
		return (double)INFINITY;
	double value = 0.5 * cblas_ddot((int)n, model->y, 1, model->weights, 1);
	for (size_t i = 0; i < n; i++)
		value += log(model->factor[i * n + i]);
	return value + priors_misfit(model, theta);
}

/* Its gradient; lbfgs_problem.slopes. */
static void misfit_slopes(void *context, const double *theta, double *gradient)
{
	struct gp_model *model = context;
	size_t n = model->n;
	lapack_int size = (lapack_int)n;
	gp_solver_invert(model->inverse, model->factor, model->sides, n);
	LAPACKE_dlauum_work(LAPACK_COL_MAJOR, 'L', size, model->inverse, size); /* K⁻¹ = L⁻ᵀ L⁻¹ */
	memset(gradient, 0, GP_THETA_COUNT(model->d) * sizeof *gradient);
	add_trace(model, theta, gradient);
	add_prior_slopes(model, theta, gradient);
}

/* The matrix of points that nearly coincide is singular without noise: as little is added as makes
 * a factor possible. */
int gp_model_condition(struct gp_model *model)
{
	double *log_noise = &model->theta[GP_NOISE(model->d)];
	if (*log_noise < LOG_NOISE_LOW + 0.1)
		*log_noise = LOG_NOISE_NONE;
	int rc = factorise(model, model->theta);
	while (rc && *log_noise < LOG_NOISE_HIGH) {
		*log_noise += 2;
		rc = factorise(model, model->theta);
	}
	return rc;
}

/* Bounds and start of the search for θ; three blocks of 2d + 3 in a row. */
static void set_search(const struct gp_model *model, double *low, bool noiseless)
{
	size_t d = model->d, count = GP_THETA_COUNT(d);
	double *high = low + count, *theta = high + count;
	for (size_t k = 0; k < 2 * d; k++) {
		low[k] = -10;
		high[k] = 12;
		theta[k] = -2 * log(k < d ? FIRST_LENGTH * sqrt((double)d) : OWN_LENGTH);
	}
	for (size_t i = GP_JOINT_SIGNAL(d); i <= GP_OWN_SIGNAL(d); i++) {
		low[i] = -8;
		high[i] = 6;
		theta[i] = i == GP_OWN_SIGNAL(d) ? LOG_OWN_MEAN : 0;
	}
	low[GP_NOISE(d)] = LOG_NOISE_LOW;
	high[GP_NOISE(d)] = noiseless ? LOG_NOISE_LOW : LOG_NOISE_HIGH;
	theta[GP_NOISE(d)] = noiseless ? LOG_NOISE_LOW : -4;
}

int gp_model_fit(double *misfit_at_best, struct gp_model *model, const struct gp_fit *fit)
{
	size_t count = GP_THETA_COUNT(model->d);
	double *block = memory_alloc(3 * count, sizeof *block);
	if (!block)
		return -ENOMEM;
	set_search(model, block, fit->noiseless);
	model->log_noise = fit->log_noise < 0 ? fmax(fit->log_noise, LOG_NOISE_LOW) : 0;
	if (fit->start)
		memcpy(block + 2 * count, fit->start, count * sizeof *block);
	struct lbfgs_problem problem = {
	        count, block, block + count, misfit, misfit_slopes, model, fit->start ? REFIT_STEPS : FIT_STEPS};
	int rc = lbfgs_minimize(misfit_at_best, block + 2 * count, &problem);
	memcpy(model->theta, block + 2 * count, count * sizeof *block);
	memory_free(block);
	if (rc || !isfinite(*misfit_at_best))
		return rc ? rc : GP_SINGULAR;
	return 0;
}

double gp_model_mean(const struct gp_model *model, size_t i)
{
	return model->y[i] - exp(model->theta[GP_NOISE(model->d)]) * model->noises[i] * model->weights[i];
}

/* Of the prior's variance what the points do not explain. */
static double variance_left(const struct gp_model *model, double known)
{
	return fmax(gp_kernel_variance(&model->kernel) - known, 1e-12);
}

/* Of the point whose covariances with the model's are in `column`; `own`: as below. */
static void predict(struct gp_prediction *out, struct gp_model *model, double own)
{
	size_t n = model->n;
	memcpy(model->solved, model->column, n * sizeof(double));
	cblas_dtrsv(
	        CblasColMajor, CblasLower, CblasNoTrans, CblasNonUnit, (int)n, model->factor, (int)n, model->solved, 1);
	out->mean = cblas_ddot((int)n, model->column, 1, model->weights, 1);
	double known = cblas_ddot((int)n, model->solved, 1, model->solved, 1);
	out->variance = variance_left(model, known - own);
}

void gp_model_predict(struct gp_prediction *out, struct gp_model *model, const double *x)
{
	gp_kernel_row(model->column, &model->kernel, x);
	predict(out, model, 0);
}

int gp_model_set_own(struct gp_model *model, double share)
{
	model->own = share * exp(model->theta[GP_NOISE(model->d)]);
	return gp_model_condition(model);
}

void gp_model_predict_own(struct gp_prediction *out, struct gp_model *model, size_t i)
{
	gp_kernel_row(model->column, &model->kernel, model->x + i * model->d);
	for (size_t j = 0; j < model->n; j++)
		model->column[j] += gp_model_own(model, i, j);
	predict(out, model, model->own);
}

void gp_model_predict_all(struct gp_prediction *out, struct gp_model *model, const double *x, size_t count)
{
	size_t n = model->n;
	double means[GP_SIDES], known[GP_SIDES];
	assert(count <= GP_SIDES);
	for (size_t s = 0; s < count; s++) {
		gp_kernel_row(model->column, &model->kernel, x + s * model->d);
		for (size_t i = 0; i < n; i++)
			model->sides[i * GP_SIDES + s] = model->column[i];
	}
	gp_solver_sum(means, model->sides, model->weights, n);
	gp_solver_run(model->sides, model->factor, n, n);
	gp_solver_sum(known, model->sides, NULL, n);
	for (size_t s = 0; s < count; s++)
		out[s] = (struct gp_prediction){means[s], variance_left(model, known[s])};
}

void gp_model_slopes(double *mean_gradient, double *variance_gradient, struct gp_model *model)
{
	size_t n = model->n, d = model->d;
	struct gp_kernel_slope slopes[GP_KERNEL_SLOPES] = {
	        {model->weights, mean_gradient}, {model->solved, variance_gradient}};
	cblas_dtrsv(
	        CblasColMajor, CblasLower, CblasTrans, CblasNonUnit, (int)n, model->factor, (int)n, model->solved, 1);
	for (size_t i = 0; i < n; i++)
		model->solved[i] *= -2;
	memset(mean_gradient, 0, d * sizeof *mean_gradient);
	memset(variance_gradient, 0, d * sizeof *variance_gradient);
	gp_kernel_by_x(slopes, &model->kernel);
}
