#include "daemon/samplers/normal.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#define TAIL_START (-20.0) /* below, erfc loses digits and the asymptotic series has all of them */

/* ln Φ(x) ≈ ln φ(x) − ln(−x) + ln(1 − 1/x² + 3/x⁴ − 15/x⁶ …), Abramowitz & Stegun 26.2.12. */
static double log_cdf_tail(double x)
{
	double term = 1, sum = 1;
	for (int i = 1; fabs(term) > DBL_EPSILON / 4; i++) {
		term *= -(2 * i - 1) / (x * x);
		sum += term;
	}
	return -0.5 * x * x - log(-x) - LOG_SQRT_2PI + log(sum);
}

double normal_log_cdf(double x)
{
	if (x < TAIL_START)
		return log_cdf_tail(x);
	if (x < 0)
		return log(0.5 * erfc(-x * SQRT_HALF));
	return log1p(-0.5 * erfc(x * SQRT_HALF));
}

double normal_log_mass(double a, double b)
{
	if (a >= b)
		return -INFINITY;
	if (a > 0) /* the left tail keeps its digits, so look at the mirror image */
		return normal_log_mass(-b, -a);
	if (b > 0)
		return log(0.5 * (erf(b * SQRT_HALF) - erf(a * SQRT_HALF)));
	double log_b = normal_log_cdf(b);
	return log_b + log(-expm1(normal_log_cdf(a) - log_b));
}

/* Coefficients of AS 241, PPND16, lowest power first: |p − ½| ≤ 0.425, then √(−ln p) ≤ 5, then
 * beyond. */
static const double central_top[8] = {3.3871328727963666080e0, 1.3314166789178437745e+2, 1.9715909503065514427e+3,
        1.3731693765509461125e+4, 4.5921953931549871457e+4, 6.7265770927008700853e+4, 3.3430575583588128105e+4,
        2.5090809287301226727e+3};
static const double central_bottom[8] = {1, 4.2313330701600911252e+1, 6.8718700749205790830e+2,
        5.3941960214247511077e+3, 2.1213794301586595867e+4, 3.9307895800092710610e+4, 2.8729085735721942674e+4,
        5.2264952788528545610e+3};
static const double middle_top[8] = {1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0,
        3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2,
        7.74545014278341407640e-4};
static const double middle_bottom[8] = {1, 2.05319162663775882187e0, 1.67638483018380384940e0,
        6.89767334985100004550e-1, 1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4,
        1.05075007164441684324e-9};
static const double far_top[8] = {6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0,
        2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5,
        2.01033439929228813265e-7};
static const double far_bottom[8] = {1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
        7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15};

static double ratio(const double top[8], const double bottom[8], double r)
{
	double above = top[7], below = bottom[7];
	for (int i = 6; i >= 0; i--) {
		above = above * r + top[i];
		below = below * r + bottom[i];
	}
	return above / below;
}

/* Quantile of the lower tail from r = √(−ln p). */
static double tail_quantile(double r)
{
	if (r <= 5)
		return -ratio(middle_top, middle_bottom, r - 1.6);
	return -ratio(far_top, far_bottom, r - 5);
}

double normal_log_gain(double z)
{
	double log_density = -0.5 * z * z - LOG_SQRT_2PI;
	if (z > -1)
		return log(exp(log_density) + z * exp(normal_log_cdf(z)));
	if (z < -1e3)
		return log_density - 2 * log(-z);
	return log_density + log1p(z * exp(normal_log_cdf(z) - log_density));
}

double normal_quantile(double p)
{
	assert(p > 0 && p < 1);
	double q = p - 0.5;
	if (fabs(q) <= 0.425)
		return q * ratio(central_top, central_bottom, 0.180625 - q * q);
	if (q < 0)
		return tail_quantile(sqrt(-log(p)));
	return -tail_quantile(sqrt(-log1p(-p)));
}

double normal_log_quantile(double log_p)
{
	assert(log_p < 0);
	if (log_p > -0.5)
		return -normal_quantile(-expm1(log_p));
	if (log_p > -700)
		return normal_quantile(exp(log_p));
	/* Newton on ln Φ, whose slope is φ/Φ; the start is right to a few digits and each round
	 * doubles them. */
	double x = -sqrt(-2 * (log_p + LOG_SQRT_2PI));
	for (int i = 0; i < 50; i++) {
		double log_cdf = normal_log_cdf(x);
		double move = (log_cdf - log_p) * exp(log_cdf + 0.5 * x * x + LOG_SQRT_2PI);
		x -= move;
		if (fabs(move) <= 1e-15 * fabs(x))
			break;
	}
	return x;
}

static double log_sum(double a, double b)
{
	double larger = fmax(a, b), smaller = fmin(a, b);
	return isinf(larger) ? larger : larger + log1p(exp(smaller - larger));
}

/* With the mean inside, plain probabilities have all digits when measured from the nearer tail. */
static double central_quantile(double q, double a, double b)
{
	double left = 0.5 * erfc(-a * SQRT_HALF), right = 0.5 * erfc(b * SQRT_HALF);
	double mass = 1 - left - right, p = left + q * mass;
	double x = p < 0.5 ? normal_quantile(p) : -normal_quantile(right + (1 - q) * mass);
	return fmin(fmax(x, a), b);
}

double truncated_normal_quantile(double q, double a, double b)
{
	if (a == b)
		return NAN;
	if (q <= 0)
		return a;
	if (q >= 1)
		return b;
	if (a <= 0 && b >= 0)
		return central_quantile(q, a, b);
	double log_mass = normal_log_mass(a, b);
	/* Measured from the nearer end of the left tail, or of the mirrored right one. */
	double x = a < 0 ? normal_log_quantile(log_sum(normal_log_cdf(a), log(q) + log_mass))
	                 : -normal_log_quantile(log_sum(normal_log_cdf(-b), log1p(-q) + log_mass));
	return fmin(fmax(x, a), b);
}
