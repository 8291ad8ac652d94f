#include "worker/network/layers/activation.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "worker/network/layers/fast_exp.h"
#include "worker/network/layers/vector.h"

#define TWICE_ROOT_2_OVER_PI ((real)(2 * 0.79788456080286535588))
#define CUBIC ((real)0.044715)
#define ROOT_HALF ((real)0.70710678118654752440)
#define DENSITY_AT_0 ((real)0.39894228040143267794) /* of the standard normal distribution: 1/√(2π) */

/* (1 + tanh u)/2 = 1/(1 + exp −2u) spares a tanh; the slope costs little beside that exp, and the
 * backward pass then needs none. */
REAL_CLONES void gelu_forward(real *restrict out, real *restrict x, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const real v = x[i], square = v * v;
		const real share = 1 / (1 + fast_exp(-TWICE_ROOT_2_OVER_PI * v * (1 + CUBIC * square)));
		out[i] = v * share;
		x[i] = share + v * share * (1 - share) * TWICE_ROOT_2_OVER_PI * (1 + 3 * CUBIC * square);
	}
}

#ifdef REAL_IS_DOUBLE
/* erf x by libm. */
REAL_INLINE real error_function(real x)
{
	return erf(x);
}
#else
/* erf x as an odd rational function, within 4e-7, for |x| < 4; beyond it is ±1 in single
 * precision (coefficients of Eigen's, a minimax fit). */
REAL_INLINE real error_function(real x)
{
	x = x > 4.0f ? 4.0f : x;
	x = x < -4.0f ? -4.0f : x;
	const float s = x * x;
	float p = -2.72614225801306e-10f;
	p = p * s + 2.77068142495902e-08f;
	p = p * s - 2.10102402082508e-06f;
	p = p * s - 5.69250639462346e-05f;
	p = p * s - 7.34990630326855e-04f;
	p = p * s - 2.95459980854025e-03f;
	p = p * s - 1.60960333262415e-02f;
	float q = -1.45660718464996e-05f;
	q = q * s - 2.13374055278905e-04f;
	q = q * s - 1.68282697438203e-03f;
	q = q * s - 7.37332916720468e-03f;
	q = q * s - 1.42647390514189e-02f;
	return x * p / q;
}
#endif

/* out = x·Φ(x); the slope is Φ(x) + x·φ(x). */
REAL_CLONES static void gelu_erf(real *restrict out, real *restrict x, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const real v = x[i], share = (real)0.5 * (1 + error_function(v * ROOT_HALF));
		out[i] = v * share;
		x[i] = share + v * fast_exp(v * v * (real)-0.5) * DENSITY_AT_0;
	}
}

REAL_CLONES static void relu(real *restrict out, real *restrict x, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		out[i] = x[i] > 0 ? x[i] : 0;
		x[i] = x[i] > 0 ? 1 : 0;
	}
}

static void squash(real *restrict out, real *restrict x, size_t count)
{
	memcpy(out, x, count * sizeof *out);
	vector_tanh(out, count);
	for (size_t i = 0; i < count; i++)
		x[i] = 1 - out[i] * out[i];
}

void activation_forward(enum activation_kind kind, real *out, real *x, size_t count)
{
	static void (*const functions[])(real *restrict out, real *restrict x, size_t count) = {
	        [ACTIVATION_GELU] = gelu_erf,
	        [ACTIVATION_GELU_TANH] = gelu_forward,
	        [ACTIVATION_RELU] = relu,
	        [ACTIVATION_TANH] = squash};
	functions[kind](out, x, count);
}

int activation_find(const char *name)
{
	static const struct {
		const char *name;
		enum activation_kind kind;
	} table[] = {{"gelu", ACTIVATION_GELU}, {"gelu_python", ACTIVATION_GELU}, {"gelu_new", ACTIVATION_GELU_TANH},
	        {"gelu_fast", ACTIVATION_GELU_TANH}, {"gelu_pytorch_tanh", ACTIVATION_GELU_TANH},
	        {"gelu_accurate", ACTIVATION_GELU_TANH}, {"relu", ACTIVATION_RELU}, {"tanh", ACTIVATION_TANH}};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (strcmp(name, table[i].name) == 0)
			return (int)table[i].kind;
	return -1;
}

REAL_CLONES void gelu_backward(real *d_x, const real *d_out, const real *slope, size_t count)
{
	for (size_t i = 0; i < count; i++)
		d_x[i] = d_out[i] * slope[i];
}

void dropout_forward(real *x, real *mask, double rate, size_t count, struct rng *rng)
{
	assert(rate >= 0 && rate < 1);
	real scale = (real)(1 / (1 - rate));
	for (size_t i = 0; i < count; i++) {
		mask[i] = rng_uniform(rng) < rate ? 0 : scale;
		x[i] *= mask[i];
	}
}

void dropout_backward(real *d_x, const real *mask, size_t count)
{
	for (size_t i = 0; i < count; i++)
		d_x[i] *= mask[i];
}
