#include "daemon/samplers/tpe/parzen_density.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/samplers/normal.h"
#include "daemon/samplers/vector_math.h"

#define BLOCK 512
#define NOTHING (-1e300) /* ln of a density that counts as none; finite, so that differences are never NAN */
#define NEGLIGIBLE (-60) /* ln of a share that changes no sum of a few million: e^-60 is 2^-86 */

/* Candidates against one block of kernels after the other. Of a block only those kernels stay that
 * still matter: no factor is above its kernel's peak, and a narrow kernel far away in one dimension
 * is far away for good. */
struct density_batch {
	size_t count;
	double peaks[PARZEN_BATCH]; /* largest exponent so far */
	double sums[PARZEN_BATCH];  /* Σ weight · exp(exponent − peak) */
	uint32_t all[BLOCK];        /* 0, 1, 2 … */
	/* of the block and the candidate at hand */
	size_t from, kept_count;
	uint32_t kept[BLOCK]; /* kernels, counted from `from` */
	double terms[BLOCK], weights[BLOCK];
	double bar; /* terms below it add nothing */
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

static void add_choice(struct density_batch *batch, const struct parzen *parzen, const struct parzen_dim *dim, double x)
{
	double hit, miss;
	choice_logs(&hit, &miss, parzen, dim);
	const uint32_t *choices = dim->shapes + batch->from, choice = (uint32_t)x;
	for (size_t i = 0; i < batch->kept_count; i++)
		batch->terms[i] += choices[batch->kept[i]] == choice ? hit : miss;
}

static int add_cell(struct density_batch *batch, struct parzen_dim *dim, double x)
{
	uint32_t shapes[BLOCK];
	double masses[BLOCK];
	for (size_t i = 0; i < batch->kept_count; i++)
		shapes[i] = dim->shapes[batch->from + batch->kept[i]];
	if (shape_table_masses(masses, &dim->table, x, &(struct shape_list){shapes, batch->kept_count}) != 0)
		return -ENOMEM;
	add_terms(batch->terms, masses, batch->kept_count);
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

/* Continuous ones on their modelled scale, parameter by parameter. */
static void take_queries(struct parzen *parzen, const double *x, size_t count)
{
	for (size_t d = 0; d < parzen->dim_count; d++) {
		bool to_log = parzen->dims[d].param->log && parzen->dims[d].param->step == 0;
		for (size_t c = 0; c < count; c++) {
			double value = x[c * parzen->dim_count + d];
			parzen->queries[d * PARZEN_BATCH + c] = to_log ? log(value) : value;
		}
	}
}

static int start_with_prior(struct density_batch *batch, struct parzen *parzen)
{
	double weight = parzen->member_count > 0 ? parzen->options.prior_weight : 1;
	for (size_t c = 0; c < batch->count; c++) {
		double peak = 0, term;
		for (size_t d = 0; d < parzen->dim_count; d++) {
			if (prior_term(&term, &parzen->dims[d], parzen->queries[d * PARZEN_BATCH + c]) != 0)
				return -ENOMEM;
			peak += term;
		}
		batch->peaks[c] = weight > 0 ? peak : NOTHING;
		batch->sums[c] = weight;
	}
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

/* `names` are the kernels that the terms belong to. */
static void drop_negligible(struct density_batch *batch, const uint32_t *names)
{
	uint8_t stays[BLOCK + 8];
	size_t kept = 0;
	mark_terms(stays, batch->terms, batch->kept_count, batch->bar);
	memset(stays + batch->kept_count, 0, 8);
	for (size_t from = 0; from < batch->kept_count; from += 8) {
		uint64_t eight; /* often none of them */
		memcpy(&eight, stays + from, sizeof eight);
		for (size_t i = from; eight != 0 && i < from + 8; i++) {
			batch->kept[kept] = names[i];
			batch->terms[kept] = batch->terms[i];
			kept += stays[i];
		}
	}
	batch->kept_count = kept;
}

/* The kernels of the block that matter by what continuous parameters say of them. */
static void open_block(struct density_batch *batch, const struct parzen *parzen, size_t c)
{
	size_t left = parzen->slot_count - batch->from, count = left < BLOCK ? left : BLOCK;
	start_terms(batch->terms, parzen->weights + batch->from, count);
	for (size_t d = 0; d < parzen->dim_count; d++)
		if (parzen_dim_is_continuous(&parzen->dims[d]))
			add_continuous(batch->terms, &parzen->dims[d], batch->from, count,
			        parzen->queries[d * PARZEN_BATCH + c]);
	batch->bar = batch->peaks[c] + fmin(log(batch->sums[c]), 0) + NEGLIGIBLE;
	batch->kept_count = count;
	drop_negligible(batch, batch->all);
}

static void close_block(struct density_batch *batch, const struct parzen *parzen, size_t c)
{
	double peak = find_peak(batch->terms, batch->kept_count, batch->peaks[c]);
	if (peak > batch->peaks[c]) {
		batch->sums[c] *= exp(batch->peaks[c] - peak);
		batch->peaks[c] = peak;
	}
	for (size_t i = 0; i < batch->kept_count; i++)
		batch->weights[i] = parzen->weights[batch->from + batch->kept[i]];
	batch->sums[c] += sum_exponentials(batch->terms, batch->weights, batch->kept_count, peak);
}

static int add_block(struct density_batch *batch, struct parzen *parzen, size_t c)
{
	open_block(batch, parzen, c);
	for (size_t d = 0; d < parzen->dim_count && batch->kept_count > 0; d++) {
		struct parzen_dim *dim = &parzen->dims[d];
		double x = parzen->queries[d * PARZEN_BATCH + c];
		if (parzen_dim_is_continuous(dim))
			continue;
		if (dim->param->kind == PARAM_CATEGORICAL) {
			add_choice(batch, parzen, dim, x);
			continue;
		}
		if (add_cell(batch, dim, x) != 0)
			return -ENOMEM;
		drop_negligible(batch, batch->kept);
	}
	close_block(batch, parzen, c);
	return 0;
}

int parzen_log_density(double *out, struct parzen *parzen, const double *x, size_t count)
{
	struct density_batch batch;
	assert(count >= 1 && count <= PARZEN_BATCH);
	batch.count = count;
	for (uint32_t i = 0; i < BLOCK; i++)
		batch.all[i] = i;
	take_queries(parzen, x, count);
	if (start_with_prior(&batch, parzen) != 0)
		return -ENOMEM;
	for (batch.from = 0; batch.from < parzen->slot_count; batch.from += BLOCK)
		for (size_t c = 0; c < count; c++)
			if (add_block(&batch, parzen, c) != 0)
				return -ENOMEM;
	for (size_t c = 0; c < count; c++)
		out[c] = batch.peaks[c] + log(batch.sums[c] / parzen->weight_sum);
	return 0;
}
