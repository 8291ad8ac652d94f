#include "daemon/samplers/tpe/parzen_density.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/samplers/normal.h"
#include "daemon/samplers/vector_math.h"

#define BLOCK 128
#define NOTHING (-1e300) /* ln of a density that counts as none; finite, so that differences are never NAN */

/* One batch of candidates against one block of kernels after the other. */
struct density_batch {
	size_t count;
	double peaks[PARZEN_BATCH]; /* largest exponent so far */
	double sums[PARZEN_BATCH];  /* Σ weight · exp(exponent − peak) */
	double terms[PARZEN_BATCH][BLOCK];
	double log_mass[BLOCK];
	double x[PARZEN_BATCH]; /* of the dimension at hand, on its modelled scale if continuous */
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

FOR_EACH_CPU
static void gather(double *restrict out, const double *restrict table, const uint32_t *restrict shapes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		out[i] = table[shapes[i]];
}

/* ln of the two entries of a categorical kernel's row: the observed choice and each other one. */
static void choice_logs(double *hit, double *miss, const struct parzen *parzen, const struct parzen_dim *dim)
{
	double share = parzen->options.prior_weight / (double)(parzen->member_count + 1);
	double sum = 1 + share * (double)dim->param->choice_count;
	*hit = log((share + 1) / sum);
	*miss = fmax(log(share / sum), NOTHING);
}

FOR_EACH_CPU
static void add_choice(double *restrict terms, const uint32_t *restrict shapes, size_t count, uint32_t choice,
        const double *restrict logs)
{
	double hit = logs[0], miss = logs[1];
	for (size_t i = 0; i < count; i++)
		terms[i] += shapes[i] == choice ? hit : miss;
}

static void add_choices(struct density_batch *batch, const struct parzen *parzen, const struct parzen_dim *dim,
        size_t from, size_t count)
{
	double logs[2];
	choice_logs(&logs[0], &logs[1], parzen, dim);
	for (size_t c = 0; c < batch->count; c++)
		add_choice(batch->terms[c], dim->shapes + from, count, (uint32_t)batch->x[c], logs);
}

/* Candidates that share a cell share its gathered masses. */
static int add_cells(struct density_batch *batch, struct parzen_dim *dim, size_t from, size_t count)
{
	bool done[PARZEN_BATCH] = {false};
	for (size_t c = 0; c < batch->count; c++) {
		if (done[c])
			continue;
		const double *row = shape_table_row(&dim->table, batch->x[c]);
		if (!row)
			return -ENOMEM;
		gather(batch->log_mass, row, dim->shapes + from, count);
		for (size_t other = c; other < batch->count; other++) {
			if (batch->x[other] != batch->x[c])
				continue;
			done[other] = true;
			add_terms(batch->terms[other], batch->log_mass, count);
		}
	}
	return 0;
}

static int add_dim(
        struct density_batch *batch, const struct parzen *parzen, struct parzen_dim *dim, size_t from, size_t count)
{
	if (dim->param->kind == PARAM_CATEGORICAL) {
		add_choices(batch, parzen, dim, from, count);
		return 0;
	}
	if (dim->param->step > 0)
		return add_cells(batch, dim, from, count);
	for (size_t c = 0; c < batch->count; c++)
		add_continuous(batch->terms[c], dim, from, count, batch->x[c]);
	return 0;
}

static void take_x(struct density_batch *batch, const struct parzen *parzen, size_t d, const double *x)
{
	bool to_log = parzen->dims[d].param->log && parzen->dims[d].param->step == 0;
	for (size_t c = 0; c < batch->count; c++) {
		double value = x[c * parzen->dim_count + d];
		batch->x[c] = to_log ? log(value) : value;
	}
}

/* ln density of the prior kernel's factor of one dimension. */
static int prior_term(double *out, struct parzen_dim *dim, double x)
{
	if (dim->param->kind == PARAM_CATEGORICAL) {
		*out = -log((double)dim->param->choice_count);
		return 0;
	}
	if (dim->param->step > 0) {
		const double *row = shape_table_row(&dim->table, x);
		*out = row ? row[0] : 0;
		return row ? 0 : -ENOMEM;
	}
	double range = dim->high - dim->low, z = (x - 0.5 * (dim->low + dim->high)) / range;
	/* 2 · erf(½ / √2): the mass that a normal keeps when it is cut to ± half its deviation */
	*out = -0.5 * z * z - log(range) - LOG_SQRT_2PI - log(0.38292492254802620728);
	return 0;
}

static int start_with_prior(struct density_batch *batch, struct parzen *parzen, const double *x)
{
	memset(batch->peaks, 0, sizeof batch->peaks);
	for (size_t d = 0; d < parzen->dim_count; d++) {
		take_x(batch, parzen, d, x);
		for (size_t c = 0; c < batch->count; c++) {
			double term;
			if (prior_term(&term, &parzen->dims[d], batch->x[c]) != 0)
				return -ENOMEM;
			batch->peaks[c] += term;
		}
	}
	double weight = parzen->member_count > 0 ? parzen->options.prior_weight : 1;
	for (size_t c = 0; c < batch->count; c++)
		batch->sums[c] = weight;
	return 0;
}

static void close_block(struct density_batch *batch, const double *weights, size_t count)
{
	for (size_t c = 0; c < batch->count; c++) {
		double peak = find_peak(batch->terms[c], count, batch->peaks[c]);
		if (peak > batch->peaks[c]) {
			batch->sums[c] *= exp(batch->peaks[c] - peak);
			batch->peaks[c] = peak;
		}
		batch->sums[c] += sum_exponentials(batch->terms[c], weights, count, peak);
	}
}

static int add_block(struct density_batch *batch, struct parzen *parzen, const double *x, size_t from)
{
	size_t count = parzen->slot_count - from < BLOCK ? parzen->slot_count - from : BLOCK;
	const double *weights = parzen->weights + from;
	for (size_t i = 0; i < count; i++)
		batch->terms[0][i] = weights[i] > 0 ? 0 : NOTHING;
	for (size_t c = 1; c < batch->count; c++)
		memcpy(batch->terms[c], batch->terms[0], count * sizeof(double));
	for (size_t d = 0; d < parzen->dim_count; d++) {
		take_x(batch, parzen, d, x);
		if (add_dim(batch, parzen, &parzen->dims[d], from, count) != 0)
			return -ENOMEM;
	}
	close_block(batch, weights, count);
	return 0;
}

int parzen_log_density(double *out, struct parzen *parzen, const double *x, size_t count)
{
	struct density_batch batch;
	assert(count >= 1 && count <= PARZEN_BATCH);
	batch.count = count;
	if (start_with_prior(&batch, parzen, x) != 0)
		return -ENOMEM;
	for (size_t from = 0; from < parzen->slot_count; from += BLOCK)
		if (add_block(&batch, parzen, x, from) != 0)
			return -ENOMEM;
	for (size_t c = 0; c < count; c++)
		out[c] = batch.peaks[c] + log(batch.sums[c] / parzen->weight_sum);
	return 0;
}
