#include "schema/space/prior.h"

#include <assert.h>
#include <math.h>

#include "schema/base/number.h"
#include "schema/space/grid.h"

/* Regularised incomplete beta function by Lentz's continued fraction (Press et al. 2007, Numerical
 * Recipes, 6.4). */
static double beta_fraction(double a, double b, double x)
{
	const double tiny = 1e-300;
	double c = 1, d = 1 / fmax(1 - (a + b) * x / (a + 1), tiny), fraction = d;
	for (int m = 1; m <= 300; m++) {
		double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
		d = 1 / (1 + even * d);
		c = 1 + even / c;
		fraction *= c * d;
		d = 1 / (1 + odd * d);
		c = 1 + odd / c;
		fraction *= c * d;
		if (fabs(c * d - 1) < 1e-15)
			break;
	}
	return fraction;
}

static double beta_cdf(double a, double b, double x)
{
	if (x <= 0 || x >= 1)
		return x <= 0 ? 0 : 1;
	double front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x));
	if (x < (a + 1) / (a + b + 2))
		return front * beta_fraction(a, b, x) / a;
	return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

static double cdf(const struct param *param, double x)
{
	if (param->prior == PRIOR_BETA)
		return beta_cdf(param->mu, param->sigma, x);
	double z = param->prior == PRIOR_LOG_NORMAL ? (x <= 0 ? -(double)INFINITY : log(x)) : x;
	return 0.5 * erfc((param->mu - z) / (param->sigma * sqrt(2)));
}

/* Bisection: a draw needs no speed, and one method serves every distribution that has a cumulative
 * function. */
static double invert_cdf(const struct param *param, double low, double high, double u)
{
	double below = cdf(param, low), above = cdf(param, high);
	double wanted = below + u * (above - below);
	for (int i = 0; i < 200 && low < high; i++) {
		double middle = low + (high - low) / 2;
		if (middle <= low || middle >= high)
			break;
		if (cdf(param, middle) < wanted)
			low = middle;
		else
			high = middle;
	}
	return low + (high - low) / 2;
}

static double pick_weighted(const struct param *param, double u)
{
	double sum = 0;
	assert(param->probabilities);
	for (size_t i = 0; i + 1 < param->choice_count; i++) {
		sum += param->probabilities[i];
		if (u < sum)
			return (double)i;
	}
	return (double)param->choice_count - 1;
}

/* Every grid value has the same weight: Optuna widens the range by half a step at both ends to the
 * same end. */
static double pick_uniform(const struct param *param, double u)
{
	if (param->step <= 0)
		return number_between(param->low, param->high, u);
	double last = grid_last_index(param->low, param->high, param->step);
	return grid_value(param->low, param->step, fmin(floor(u * (last + 1)), last));
}

/* q_log_uniform keeps its bounds before rounding in mu and sigma, because the lowest grid value may
 * be 0. */
static double pick_log_uniform(const struct param *param, double u)
{
	double low = param->low - param->step / 2, high = param->high + param->step / 2;
	if (param->mu > 0 && param->sigma > param->mu) {
		low = param->mu;
		high = param->sigma;
	}
	double share = param->prior == PRIOR_INV_LOG_UNIFORM ? 1 - u : u;
	assert(low > 0 && low <= high);
	return exp(log(low) + share * (log(high) - log(low)));
}

double param_quantile(const struct param *param, double u)
{
	double half = param->step / 2;
	assert(u >= 0 && u <= 1);
	if (param_is_single(param))
		return param->low;
	switch (param->prior) {
	case PRIOR_UNIFORM:
		return pick_uniform(param, u);
	case PRIOR_WEIGHTED:
		return pick_weighted(param, u);
	case PRIOR_LOG_UNIFORM:
	case PRIOR_INV_LOG_UNIFORM:
		return param_snap(param, pick_log_uniform(param, u));
	case PRIOR_BETA: /* rounding may have moved the bounds away from 0 … 1 */
		return param_snap(param, invert_cdf(param, 0, 1, u));
	case PRIOR_NORMAL:
	case PRIOR_LOG_NORMAL:
		break;
	}
	return param_snap(param, invert_cdf(param, param->low - half, param->high + half, u));
}
