#include "daemon/samplers/tpe/parzen_density.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/samplers/normal.h"
#include "daemon/samplers/vector_math.h"

#define BLOCK 256
#define NOTHING (-1e300) /* ln of a density that counts as none; finite, so that differences are never NAN */
#define NEGLIGIBLE (-60) /* ln of a share that changes no sum of a few million: e^-60 is 2^-86 */

/* One point against one block of kernels after the other. Of a block only those kernels stay that
 * still matter: no factor is above its kernel's peak, and a narrow kernel far away in one dimension
 * is far away for good. */
struct density {
	double peak; /* largest exponent so far */
	double sum;  /* Σ weight · exp(exponent − peak) */
	double bar;  /* terms below it add nothing */
	/* of the block at hand */
	size_t from, kept_count;
	uint32_t kept[BLOCK]; /* kernels, counted from `from` */
	double terms[BLOCK], weights[BLOCK];
};

/* terms += norms − ((x − mus)·rates)² */
FOR_EACH_CPU
static void add_continuous(double *restrict terms, const struct parzen_dim *dim, size_t from, size_t count, double x)
{
	const double *restrict mus = dim->mus + from, *restrict rates = dim->rates + from;
	const double *restrict norms = dim->norms + from;
	for (size_t i = 0; i < count; i++) {
		double z = (x - mus[i]) * rates[i];
		terms[i] += norms[i] - z * z;
	}
}

FOR_EACH_CPU
static void add_terms(double *restrict terms, const double *restrict more, size_t count)
{
	for (size_t i = 0; i < count; i++)
		terms[i] += more[i];
}

FOR_EACH_CPU
static double find_peak(const double *terms, size_t count, double peak)
{
	double peaks[8];
	size_t i = 0;
	for (size_t j = 0; j < 8; j++)
		peaks[j] = peak;
	for (; i + 8 <= count; i += 8)
		for (size_t j = 0; j < 8; j++)
			peaks[j] = terms[i + j] > peaks[j] ? terms[i + j] : peaks[j];
	for (; i < count; i++)
		peaks[0] = terms[i] > peaks[0] ? terms[i] : peaks[0];
	for (size_t j = 0; j < 8; j++)
		peak = peaks[j] > peak ? peaks[j] : peak;
	return peak;
}

/* Σ weights · exp(terms − peak), in eight strands so that the order of addition is the same at
 * every vector width. */
FOR_EACH_CPU
static double sum_exponentials(const double *terms, const double *weights, size_t count, double peak)
{
	double strands[8] = {0};
	size_t i = 0;
	for (; i + 8 <= count; i += 8)
		for (size_t j = 0; j < 8; j++)
			strands[j] += weights[i + j] * exp_negative(terms[i + j] - peak);
	for (size_t j = 0; i < count; i++, j++)
		strands[j] += weights[i] * exp_negative(terms[i] - peak);
	double sum = 0;
	for (size_t j = 0; j < 8; j++)
		sum += strands[j];
	return sum;
}

/* ln of the two entries of a categorical kernel's row: the observed choice and each other one. */
static void choice_logs(double *hit, double *miss, const struct parzen *parzen, const struct parzen_dim *dim)
{
	double share = parzen->options.prior_weight / (double)(parzen->member_count + 1);
	double sum = 1 + share * (double)dim->param->choice_count;
	*hit = log((share + 1) / sum);
	*miss = fmax(log(share / sum), NOTHING);
}

static void add_choice(struct density *density, const struct parzen *parzen, const struct parzen_dim *dim, double x)
{
	double hit, miss;
	choice_logs(&hit, &miss, parzen, dim);
	const uint32_t *choices = dim->shapes + density->from, choice = (uint32_t)x;
	for (size_t i = 0; i < density->kept_count; i++)
		density->terms[i] += choices[density->kept[i]] == choice ? hit : miss;
}

static int add_cell(struct density *density, struct parzen_dim *dim, double x)
{
	uint32_t shapes[BLOCK];
	double masses[BLOCK];
	for (size_t i = 0; i < density->kept_count; i++)
		shapes[i] = dim->shapes[density->from + density->kept[i]];
	if (shape_table_masses(masses, &dim->table, x, &(struct shape_list){shapes, density->kept_count}) != 0)
		return -ENOMEM;
	add_terms(density->terms, masses, density->kept_count);
	return 0;
}

/* ln density of the prior kernel's factor of one dimension. */
static int prior_term(double *out, struct parzen_dim *dim, double x)
{
	if (dim->param->kind == PARAM_CATEGORICAL) {
		*out = -log((double)dim->param->choice_count);
		return 0;
	}
	if (dim->param->step > 0) {
		const uint32_t prior = 0;
		return shape_table_masses(out, &dim->table, x, &(struct shape_list){&prior, 1});
	}
	double range = dim->high - dim->low, z = (x - 0.5 * (dim->low + dim->high)) / range;
	/* 2 · erf(½ / √2): the mass that a normal keeps when it is cut to ± half its deviation */
	*out = -0.5 * z * z - log(range) - LOG_SQRT_2PI - log(0.38292492254802620728);
	return 0;
}

/* Continuous numbers on their modelled scale. */
static void take_query(struct parzen *parzen, const double *x)
{
	for (size_t d = 0; d < parzen->dim_count; d++) {
		bool to_log = parzen->dims[d].param->log && parzen->dims[d].param->step == 0;
		parzen->query[d] = to_log ? log(x[d]) : x[d];
	}
}

static int start_with_prior(struct density *density, struct parzen *parzen)
{
	double peak = 0, term;
	for (size_t d = 0; d < parzen->dim_count; d++) {
		if (prior_term(&term, &parzen->dims[d], parzen->query[d]) != 0)
			return -ENOMEM;
		peak += term;
	}
	density->sum = parzen->member_count > 0 ? parzen->options.prior_weight : 1;
	density->peak = density->sum > 0 ? peak : NOTHING;
	return 0;
}

FOR_EACH_CPU
static void start_terms(double *restrict terms, const double *restrict weights, size_t count)
{
	for (size_t i = 0; i < count; i++)
		terms[i] = weights[i] > 0 ? 0 : NOTHING;
}

/* stays = 1 where a term is above the bar. */
FOR_EACH_CPU
static void mark_terms(uint8_t *restrict stays, const double *restrict terms, size_t count, double bar)
{
	for (size_t i = 0; i < count; i++)
		stays[i] = terms[i] > bar;
}

static void drop_negligible(struct density *density)
{
	uint8_t stays[BLOCK + 8];
	size_t kept = 0, count = density->kept_count;
	mark_terms(stays, density->terms, count, density->bar);
	memset(stays + count, 0, 8);
	for (size_t from = 0; from < count; from += 8) {
		uint64_t eight; /* often none of them */
		memcpy(&eight, stays + from, sizeof eight);
		for (size_t i = from; eight != 0 && i < from + 8 && i < count; i++) {
			density->kept[kept] = density->kept[i];
			density->terms[kept] = density->terms[i];
			kept += stays[i];
		}
	}
	density->kept_count = kept;
}

/* The kernels of the block that matter by what continuous parameters say of them. */
static void open_block(struct density *density, const struct parzen *parzen)
{
	size_t left = parzen->slot_count - density->from;
	density->kept_count = left < BLOCK ? left : BLOCK;
	density->bar = density->peak + fmin(log(density->sum), 0) + NEGLIGIBLE;
	for (uint32_t i = 0; i < density->kept_count; i++)
		density->kept[i] = i;
	start_terms(density->terms, parzen->weights + density->from, density->kept_count);
	for (size_t d = 0; d < parzen->dim_count; d++)
		if (parzen_dim_is_continuous(&parzen->dims[d]))
			add_continuous(
			        density->terms, &parzen->dims[d], density->from, density->kept_count, parzen->query[d]);
	drop_negligible(density);
}

static void close_block(struct density *density, const struct parzen *parzen)
{
	double peak = find_peak(density->terms, density->kept_count, density->peak);
	if (peak > density->peak) {
		density->sum *= exp(density->peak - peak);
		density->peak = peak;
	}
	for (size_t i = 0; i < density->kept_count; i++)
		density->weights[i] = parzen->weights[density->from + density->kept[i]];
	density->sum += sum_exponentials(density->terms, density->weights, density->kept_count, peak);
}

static int add_block(struct density *density, struct parzen *parzen)
{
	open_block(density, parzen);
	for (size_t d = 0; d < parzen->dim_count && density->kept_count > 0; d++) {
		struct parzen_dim *dim = &parzen->dims[d];
		if (parzen_dim_is_continuous(dim))
			continue;
		if (dim->param->kind == PARAM_CATEGORICAL) {
			add_choice(density, parzen, dim, parzen->query[d]);
			continue;
		}
		if (add_cell(density, dim, parzen->query[d]) != 0)
			return -ENOMEM;
		drop_negligible(density);
	}
	close_block(density, parzen);
	return 0;
}

/* ln of the density, if these are all kernels: it only grows with each block. */
static double log_density(const struct density *density, const struct parzen *parzen)
{
	return density->peak + log(density->sum / parzen->weight_sum);
}

/* The newest kernels first, as they weigh most; stops above `enough`. */
static int add_blocks(double *out, struct parzen *parzen, const double *x, double enough)
{
	struct density density = {0};
	take_query(parzen, x);
	if (start_with_prior(&density, parzen) != 0)
		return -ENOMEM;
	*out = log_density(&density, parzen);
	for (size_t left = (parzen->slot_count + BLOCK - 1) / BLOCK; left > 0 && *out <= enough; left--) {
		density.from = (left - 1) * BLOCK;
		if (add_block(&density, parzen) != 0)
			return -ENOMEM;
		*out = log_density(&density, parzen);
	}
	return 0;
}

int parzen_log_density(double *out, struct parzen *parzen, const double *x)
{
	return add_blocks(out, parzen, x, (double)INFINITY);
}

int parzen_log_density_up_to(double *out, struct parzen *parzen, const double *x, double enough)
{
	return add_blocks(out, parzen, x, enough);
}
