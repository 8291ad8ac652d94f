/* Quasi-random points: the trial's number is the index into a low-discrepancy sequence, so workers
 * need no common counter.
 *
 * Sobol with the direction numbers of Joe & Kuo 2008, "Constructing Sobol sequences with better
 * two-dimensional projections", scrambled as by Owen 1995 with the hash of Burley 2020, "Practical
 * Hash-based Owen Scrambling"; Halton 1960, scrambled by random digit permutations (Owen 2017, "A
 * randomized Halton algorithm in R"). Unscrambled values equal SciPy's.
 *
 * Unconditional parameters have one dimension each, in name order; a coordinate becomes a value by
 * the quantiles of the prior. Conditional parameters, and those beyond the table's last dimension,
 * are drawn from their priors. */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/samplers/sampler_type.h"
#include "schema/base/memory.h"
#include "schema/space/point.h"
#include "schema/space/prior.h"

#define SOBOL_BITS 32
#define SOBOL_DIMS 64
#define DEGREE_AT_MOST 9

/* A primitive polynomial over GF(2), its leading bit included, and the first direction numbers;
 * dimension 0 needs none. */
struct generator {
	uint16_t polynomial;
	uint16_t first[DEGREE_AT_MOST];
};

/* clang-format off */
static const struct generator generators[SOBOL_DIMS - 1] = {
        {3, {1}}, {7, {1, 3}}, {11, {1, 3, 1}}, {13, {1, 1, 1}}, {19, {1, 1, 3, 3}}, {25, {1, 3, 5, 13}},
        {37, {1, 1, 5, 5, 17}}, {41, {1, 1, 5, 5, 5}}, {47, {1, 1, 7, 11, 19}}, {55, {1, 1, 5, 1, 1}},
        {59, {1, 1, 1, 3, 11}}, {61, {1, 3, 5, 5, 31}}, {67, {1, 3, 3, 9, 7, 49}}, {91, {1, 1, 1, 15, 21, 21}},
        {97, {1, 3, 1, 13, 27, 49}}, {103, {1, 1, 1, 15, 7, 5}}, {109, {1, 3, 1, 15, 13, 25}},
        {115, {1, 1, 5, 5, 19, 61}}, {131, {1, 3, 7, 11, 23, 15, 103}}, {137, {1, 3, 7, 13, 13, 15, 69}},
        {143, {1, 1, 3, 13, 7, 35, 63}}, {145, {1, 3, 5, 9, 1, 25, 53}}, {157, {1, 3, 1, 13, 9, 35, 107}},
        {167, {1, 3, 1, 5, 27, 61, 31}}, {171, {1, 1, 5, 11, 19, 41, 61}}, {185, {1, 3, 5, 3, 3, 13, 69}},
        {191, {1, 1, 7, 13, 1, 19, 1}}, {193, {1, 3, 7, 5, 13, 19, 59}}, {203, {1, 1, 3, 9, 25, 29, 41}},
        {211, {1, 3, 5, 13, 23, 1, 55}}, {213, {1, 3, 7, 3, 13, 59, 17}}, {229, {1, 3, 1, 3, 5, 53, 69}},
        {239, {1, 1, 5, 5, 23, 33, 13}}, {241, {1, 1, 7, 7, 1, 61, 123}}, {247, {1, 1, 7, 9, 13, 61, 49}},
        {253, {1, 3, 3, 5, 3, 55, 33}}, {285, {1, 3, 1, 15, 31, 13, 49, 245}},
        {299, {1, 3, 5, 15, 31, 59, 63, 97}}, {301, {1, 3, 1, 11, 11, 11, 77, 249}},
        {333, {1, 3, 1, 11, 27, 43, 71, 9}}, {351, {1, 1, 7, 15, 21, 11, 81, 45}},
        {355, {1, 3, 7, 3, 25, 31, 65, 79}}, {357, {1, 3, 1, 1, 19, 11, 3, 205}},
        {361, {1, 1, 5, 9, 19, 21, 29, 157}}, {369, {1, 3, 7, 11, 1, 33, 89, 185}},
        {391, {1, 3, 3, 3, 15, 9, 79, 71}}, {397, {1, 3, 7, 11, 15, 39, 119, 27}},
        {425, {1, 1, 3, 1, 11, 31, 97, 225}}, {451, {1, 1, 1, 3, 23, 43, 57, 177}},
        {463, {1, 3, 7, 7, 17, 17, 37, 71}}, {487, {1, 3, 1, 5, 27, 63, 123, 213}},
        {501, {1, 1, 3, 5, 11, 43, 53, 133}}, {529, {1, 3, 5, 5, 29, 17, 47, 173, 479}},
        {539, {1, 3, 3, 11, 3, 1, 109, 9, 69}}, {545, {1, 1, 1, 5, 17, 39, 23, 5, 343}},
        {557, {1, 3, 1, 5, 25, 15, 31, 103, 499}}, {563, {1, 1, 1, 11, 11, 17, 63, 105, 183}},
        {601, {1, 1, 5, 11, 9, 29, 97, 231, 363}}, {607, {1, 1, 5, 15, 19, 45, 41, 7, 383}},
        {617, {1, 3, 7, 7, 31, 19, 83, 137, 221}}, {623, {1, 1, 1, 3, 23, 15, 111, 223, 83}},
        {631, {1, 1, 5, 13, 31, 15, 55, 25, 161}}, {637, {1, 1, 3, 13, 25, 47, 39, 87, 257}},
};
/* clang-format on */

struct qmc {
	const struct space *space;
	uint64_t seed;
	bool halton, scramble;
	size_t dim_count;
	size_t *dims;        /* (dim_count) parameter indices */
	uint32_t *columns;   /* (dim_count, SOBOL_BITS) Sobol: one generator matrix per dimension */
	size_t *bases;       /* (dim_count) Halton: the primes */
	size_t *permutation; /* (largest base) scratch */
};

static void qmc_destroy(void *state)
{
	struct qmc *qmc = state;
	if (!qmc)
		return;
	memory_free(qmc->dims);
	memory_free(qmc->columns);
	memory_free(qmc->bases);
	memory_free(qmc->permutation);
	memory_free(qmc);
}

static void list_dims(struct qmc *qmc)
{
	for (size_t i = 0; i < qmc->space->count; i++) {
		const struct param *param = &qmc->space->params[i];
		if (param->condition_count > 0 || param_is_single(param))
			continue;
		if (qmc->halton || qmc->dim_count < SOBOL_DIMS)
			qmc->dims[qmc->dim_count++] = i;
	}
}

/* The recurrence of Joe & Kuo: m_k = 2·a_1·m_(k−1) ⊕ … ⊕ 2^s·m_(k−s) ⊕ m_(k−s), kept shifted to the
 * top of the word. */
static void fill_columns(uint32_t *columns, size_t dim)
{
	if (dim == 0) {
		for (size_t bit = 0; bit < SOBOL_BITS; bit++)
			columns[bit] = 1U << (SOBOL_BITS - 1 - bit);
		return;
	}
	assert(dim < SOBOL_DIMS);
	const struct generator *generator = &generators[dim - 1];
	size_t degree = 0;
	while (generator->polynomial >> (degree + 1) != 0)
		degree++;
	for (size_t bit = 0; bit < SOBOL_BITS; bit++) {
		if (bit < degree) {
			columns[bit] = (uint32_t)generator->first[bit] << (SOBOL_BITS - 1 - bit);
			continue;
		}
		columns[bit] = columns[bit - degree] ^ (columns[bit - degree] >> degree);
		for (size_t k = 1; k < degree; k++)
			if (generator->polynomial >> (degree - k) & 1)
				columns[bit] ^= columns[bit - k];
	}
}

static bool is_prime(size_t number)
{
	for (size_t divisor = 2; divisor * divisor <= number; divisor++)
		if (number % divisor == 0)
			return false;
	return true;
}

static int make_tables(struct qmc *qmc)
{
	qmc->columns = memory_alloc((qmc->dim_count + 1) * SOBOL_BITS, sizeof *qmc->columns);
	qmc->bases = memory_alloc(qmc->dim_count + 1, sizeof *qmc->bases);
	if (!qmc->columns || !qmc->bases)
		return -ENOMEM;
	size_t prime = 1;
	for (size_t i = 0; i < qmc->dim_count; i++) {
		do
			prime++;
		while (!is_prime(prime));
		qmc->bases[i] = prime;
		if (!qmc->halton)
			fill_columns(qmc->columns + i * SOBOL_BITS, i);
	}
	qmc->permutation = memory_alloc(prime, sizeof *qmc->permutation);
	return !qmc->permutation ? -ENOMEM : 0;
}

static int qmc_create(void **state, const struct sampler_setup *setup, struct error *error)
{
	struct qmc *qmc = memory_alloc(1, sizeof *qmc);
	if (!qmc)
		return error_no_memory(error);
	qmc->space = setup->spec->space;
	qmc->seed = setup->seed;
	qmc->halton = strcmp(method_word(setup->method, "qmc_type"), "halton") == 0;
	qmc->scramble = method_flag(setup->method, "scramble");
	qmc->dims = memory_alloc(qmc->space->count + 1, sizeof *qmc->dims);
	if (qmc->dims)
		list_dims(qmc);
	if (!qmc->dims || make_tables(qmc) != 0) {
		qmc_destroy(qmc);
		return error_no_memory(error);
	}
	*state = qmc;
	return 0;
}

static uint32_t reverse_bits(uint32_t word)
{
	word = (word >> 16) | (word << 16);
	word = (word >> 8 & 0x00ff00ffU) | (word & 0x00ff00ffU) << 8;
	word = (word >> 4 & 0x0f0f0f0fU) | (word & 0x0f0f0f0fU) << 4;
	word = (word >> 2 & 0x33333333U) | (word & 0x33333333U) << 2;
	return (word >> 1 & 0x55555555U) | (word & 0x55555555U) << 1;
}

/* Owen scrambling flips a bit depending on all higher ones; in reversed order multiplication does
 * just that (Laine & Karras). */
static uint32_t scramble_bits(uint32_t word, uint32_t seed)
{
	word = reverse_bits(word) + seed;
	word ^= word * 0x6c50b47cU;
	word ^= word * 0xb82f1e52U;
	word ^= word * 0xc7afe638U;
	word ^= word * 0x8d22f6e6U;
	return reverse_bits(word);
}

/* In Gray code order, as SciPy goes through the sequence; it starts anew after 2^32 points. */
static double sobol(const struct qmc *qmc, size_t dim, uint64_t index)
{
	const uint32_t *columns = qmc->columns + dim * SOBOL_BITS;
	uint32_t gray = (uint32_t)index ^ (uint32_t)(index >> 1 & 0x7fffffffU), word = 0;
	for (size_t bit = 0; bit < SOBOL_BITS; bit++)
		if (gray >> bit & 1)
			word ^= columns[bit];
	if (qmc->scramble)
		word = scramble_bits(word, (uint32_t)rng_mix(qmc->seed, dim));
	return word * 0x1p-32;
}

static size_t permute_digit(const struct qmc *qmc, size_t dim, uint64_t place, size_t digit)
{
	struct rng rng;
	rng_init(&rng, rng_mix(qmc->seed, dim), place);
	for (size_t i = 0; i < qmc->bases[dim]; i++)
		qmc->permutation[i] = i;
	rng_shuffle(&rng, qmc->permutation, qmc->bases[dim]);
	assert(digit < qmc->bases[dim]);
	return qmc->permutation[digit];
}

/* The index's digits mirrored at the point; scrambled, its leading zeros count too. */
static double halton(const struct qmc *qmc, size_t dim, uint64_t index)
{
	size_t base = qmc->bases[dim];
	double sum = 0, scale = 1 / (double)base;
	for (uint64_t place = 0; scale > 0x1p-54; place++) {
		size_t digit = (size_t)(index % base);
		if (qmc->scramble)
			digit = permute_digit(qmc, dim, place, digit);
		sum += (double)digit * scale;
		scale /= (double)base;
		index /= base;
	}
	return fmin(sum, 1 - 0x1p-53);
}

static int qmc_suggest(void *state, int64_t number, struct rng *rng, double *point)
{
	const struct qmc *qmc = state;
	double (*coordinate)(const struct qmc *, size_t, uint64_t) = qmc->halton ? halton : sobol;
	for (size_t i = 0; i < qmc->dim_count; i++) {
		size_t index = qmc->dims[i];
		if (isnan(point[index]))
			point[index] = param_quantile(&qmc->space->params[index], coordinate(qmc, i, (uint64_t)number));
	}
	point_draw(qmc->space, point, rng);
	return 0;
}

const struct sampler_type qmc_sampler = {
        .name = "qmc",
        .create = qmc_create,
        .suggest = qmc_suggest,
        .destroy = qmc_destroy,
};
