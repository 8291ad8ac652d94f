#include "worker/network/layers/dropout.h"

#include <assert.h>
#include <string.h>

struct dropout dropout_draw(double rate, struct rng *rng)
{
	assert(rate >= 0 && rate < 1);
	struct dropout dropout = {0};
	if (rng && rate > 0)
		dropout = (struct dropout){rate, rng_next(rng)};
	return dropout;
}

/* What elements are compared with: they stay from `bound` on. */
struct dropout_sieve {
	uint32_t low, high, bound;
	real scale;
};

static struct dropout_sieve sieve_of(const struct dropout *dropout)
{
	return (struct dropout_sieve){(uint32_t)dropout->key, (uint32_t)(dropout->key >> 32),
	        (uint32_t)(dropout->rate * 4294967296.0), (real)(1 / (1 - dropout->rate))};
}

/* A hash of 32 bits by two rounds of multiply and shift (constants of "prospector", Wellons
 * 2018); half of the key comes in between, as one that is only added would shift all masks
 * along one sequence. */
REAL_INLINE real factor(uint32_t place, const struct dropout_sieve *sieve)
{
	uint32_t hash = place * 0x9e3779b9u + sieve->low;
	hash = (hash ^ hash >> 16) * 0x21f0aaadu;
	hash ^= sieve->high;
	hash = (hash ^ hash >> 15) * 0x735a2d97u;
	hash ^= hash >> 15;
	return hash >= sieve->bound ? sieve->scale : 0;
}

REAL_CLONES static void sift(real *out, const real *x, const struct dropout_sieve *given, const size_t range[2])
{
	const struct dropout_sieve sieve = *given;
	const uint32_t start = (uint32_t)range[0], count = (uint32_t)range[1];
	for (uint32_t i = 0; i < count; i++)
		out[i] = x[i] * factor(start + i, &sieve);
}

void dropout_apply(real *out, const real *x, const struct dropout *dropout, const size_t range[2])
{
	assert(range[0] + range[1] <= UINT32_MAX);
	if (dropout->rate > 0) {
		const struct dropout_sieve sieve = sieve_of(dropout);
		sift(out, x, &sieve, range);
	} else if (out != x) {
		memcpy(out, x, range[1] * sizeof *out);
	}
}

REAL_CLONES static void sift_and_add(
        real *restrict out, const real *restrict residual, const struct dropout_sieve *given, size_t count)
{
	const struct dropout_sieve sieve = *given;
	for (uint32_t i = 0; i < (uint32_t)count; i++)
		out[i] = out[i] * factor(i, &sieve) + residual[i];
}

REAL_CLONES static void add(real *restrict out, const real *restrict residual, size_t count)
{
	for (size_t i = 0; i < count; i++)
		out[i] += residual[i];
}

void dropout_add(real *out, const real *residual, const struct dropout *dropout, size_t count)
{
	assert(count <= UINT32_MAX);
	if (dropout->rate > 0) {
		const struct dropout_sieve sieve = sieve_of(dropout);
		sift_and_add(out, residual, &sieve, count);
	} else {
		add(out, residual, count);
	}
}
