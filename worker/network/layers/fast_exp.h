/* exp x, and what stands on it, without a branch, so that loops over them vectorise. */
#ifndef WORKER_NETWORK_LAYERS_FAST_EXP_H
#define WORKER_NETWORK_LAYERS_FAST_EXP_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "worker/network/layers/real.h"

#ifdef REAL_IS_DOUBLE
/* exp x by libm. */
REAL_INLINE real fast_exp(real x)
{
	return exp(x);
}
#else
/* exp x = 2^n · exp r with |r| ≤ ln 2 / 2 and a degree-6 polynomial for exp r (Cody & Waite 1980,
 * ch. 6; minimax coefficients of Cephes' expf), within 2 ulp for |x| < 87; beyond, x counts as
 * ±87. */
REAL_INLINE real fast_exp(real x)
{
	x = x > 88.0f ? 88.0f : x;
	x = x < -87.0f ? -87.0f : x;
	float shifted = x * 1.44269504088896341f + 12582912.0f;
	float n = shifted - 12582912.0f;
	float r = x - n * 0.693359375f;
	r = r + n * 2.12194440e-4f;
	float p = 1.9875691500e-4f;
	p = p * r + 1.3981999507e-3f;
	p = p * r + 8.3334519073e-3f;
	p = p * r + 4.1665795894e-2f;
	p = p * r + 1.6666665459e-1f;
	p = p * r + 5.0000001201e-1f;
	p = p * r * r + r + 1.0f;
	int32_t exponent;
	memcpy(&exponent, &shifted, sizeof exponent);
	int32_t bits;
	memcpy(&bits, &p, sizeof bits);
	bits += (int32_t)((uint32_t)exponent << 23);
	memcpy(&p, &bits, sizeof p);
	return p;
}
#endif

/* 1 / (1 + exp(−x)), tanh x. */
REAL_INLINE real fast_sigmoid(real x)
{
	return 1 / (1 + fast_exp(-x));
}

REAL_INLINE real fast_tanh(real x)
{
	return 2 / (1 + fast_exp(-2 * x)) - 1;
}

#endif
