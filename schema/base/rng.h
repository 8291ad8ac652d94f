/* Random streams: named, independent, the same on every machine. No global generator exists. */
#ifndef SCHEMA_BASE_RNG_H
#define SCHEMA_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

/* xoshiro256++ (Blackman & Vigna 2021, "Scrambled linear pseudorandom number generators"), seeded
 * by splitmix64. */
struct rng {
	uint64_t state[4];
};

/* The stream named by (seed, stream), e.g. (study seed, trial number). Equal names give equal
 * draws. */
void rng_init(struct rng *rng, uint64_t seed, uint64_t stream);

/* The next 64 bits. */
uint64_t rng_next(struct rng *rng);

/* Uniform in [0, 1), 53 bits. */
double rng_uniform(struct rng *rng);

/* Uniform integer in [0, bound), without bias (rejection of the incomplete last block); bound ≥
 * 1. */
uint64_t rng_below(struct rng *rng, uint64_t bound);

/* Standard normal draw (Marsaglia polar method; the second value is dropped so that the stream has
 * no hidden state). */
double rng_normal(struct rng *rng);

/* Fisher–Yates shuffle of `count` indices in place. */
void rng_shuffle(struct rng *rng, size_t *indices, size_t count);

/* One 64-bit mix of two numbers (splitmix64 finaliser): for names of sub-streams and for seeds of
 * runs. */
uint64_t rng_mix(uint64_t a, uint64_t b);

#endif
