/* exp, log and the normal tail as straight-line arithmetic, inlined into loops that the compiler
 * turns into vector instructions. Without branches, calls or fused operations every lane and every
 * machine gives the same bits. */
#ifndef DAEMON_SAMPLERS_VECTOR_MATH_H
#define DAEMON_SAMPLERS_VECTOR_MATH_H

#include <stdint.h>
#include <string.h>

/* A function with this mark is compiled for several kinds of x86-64 and the best one is chosen when
 * the program starts. */
#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__clang__) && defined(__OPTIMIZE__) &&                   \
        !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define FOR_EACH_CPU __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define FOR_EACH_CPU
#endif

#define INLINE static inline __attribute__((always_inline))

/* exp(x) for x ≤ 0 to about 2 ulp, 0 below -708: 2^k · p(x − k·ln 2), p the Taylor polynomial of
 * degree 13 on ±½ ln 2. */
INLINE double exp_negative(double x)
{
	const double shift = 0x1.8p52;
	double clipped = x < -708 ? -708 : x;
	double shifted = clipped * 1.44269504088896340736 + shift;
	double k = shifted - shift;
	double r = (clipped - k * 0x1.62e42fefa3800p-1) - k * 0x1.ef35793c76730p-45;
	double p = 1.0 / 6227020800;
	p = p * r + 1.0 / 479001600;
	p = p * r + 1.0 / 39916800;
	p = p * r + 1.0 / 3628800;
	p = p * r + 1.0 / 362880;
	p = p * r + 1.0 / 40320;
	p = p * r + 1.0 / 5040;
	p = p * r + 1.0 / 720;
	p = p * r + 1.0 / 120;
	p = p * r + 1.0 / 24;
	p = p * r + 1.0 / 6;
	p = p * r + 0.5;
	p = p * r + 1;
	p = p * r + 1;
	uint64_t bits;
	memcpy(&bits, &shifted, sizeof bits);
	bits = (bits + 1023) << 52; /* the low bits of `shifted` are k */
	double power;
	memcpy(&power, &bits, sizeof power);
	return x < -708 ? 0 : p * power;
}

/* ln x for positive normal x to about 2 ulp: x = 2^k · m with m in [√½, √2), ln m = 2 artanh((m −
 * 1) / (m + 1)). */
INLINE double log_positive(double x)
{
	const uint64_t root_half = 0x3fe6a09e667f3bcdu;
	uint64_t bits;
	memcpy(&bits, &x, sizeof bits);
	uint64_t raised = bits - root_half + (UINT64_C(1023) << 52); /* its exponent field is k + 1023 */
	uint64_t field = (raised >> 52) | UINT64_C(0x4330000000000000);
	double exponent;
	memcpy(&exponent, &field, sizeof exponent);
	double k = exponent - (0x1p52 + 1023);
	bits = (raised & UINT64_C(0x000fffffffffffff)) + root_half;
	double m;
	memcpy(&m, &bits, sizeof m);
	double f = (m - 1) / (m + 1), square = f * f;
	double p = 1.0 / 21;
	p = p * square + 1.0 / 19;
	p = p * square + 1.0 / 17;
	p = p * square + 1.0 / 15;
	p = p * square + 1.0 / 13;
	p = p * square + 1.0 / 11;
	p = p * square + 1.0 / 9;
	p = p * square + 1.0 / 7;
	p = p * square + 1.0 / 5;
	p = p * square + 1.0 / 3;
	return k * 0x1.62e42fefa39efp-1 + (2 * f + 2 * f * square * p);
}

/* R(t) = (1 − Φ(t)) · exp(t²/2) for t ≥ 0, to 2e-14: (1 + 2t) R(t) is smooth in u = (t − 5) / (t +
 * 5) and interpolated there at Chebyshev points, after Shepherd & Laframboise 1981, "Chebyshev
 * Approximation of (1 + 2x)exp(x²)erfc x". */
INLINE double tail_ratio(double t)
{
	double u = (t - 5) / (t + 5);
	double r = 3.4803843655571486e-09;
	r = r * u + -3.0693621990311884e-08;
	r = r * u + -3.679888979027956e-08;
	r = r * u + 3.581657937071693e-07;
	r = r * u + 1.7215785961556266e-07;
	r = r * u + -2.7717341447408208e-06;
	r = r * u + 5.397784446778871e-07;
	r = r * u + 1.9325842303444775e-05;
	r = r * u + -2.643945209802954e-05;
	r = r * u + -0.00010814629318140732;
	r = r * u + 0.000425096712591904;
	r = r * u + -0.00011870265312545159;
	r = r * u + -0.003571695615457856;
	r = r * u + 0.015422847316084586;
	r = r * u + -0.03933220133453423;
	r = r * u + 0.07248782681342966;
	r = r * u + -0.10065743821787373;
	r = r * u + 0.10088858204199654;
	r = r * u + -0.054008075034064046;
	r = r * u + -0.03964700840410734;
	r = r * u + 0.8461123547250696;
	return r / (1 + 2 * t);
}

#endif
