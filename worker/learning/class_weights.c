#include "worker/learning/class_weights.h"

#include <assert.h>
#include <math.h>
#include <string.h>

const char *const class_weights_names[] = {"none", "inverse", "effective_number", NULL};

static double weigh_evenly(double count, double beta)
{
	(void)count;
	(void)beta;
	return 1;
}

static double weigh_inverse(double count, double beta)
{
	(void)beta;
	return 1 / count;
}

static double weigh_effective(double count, double beta)
{
	return (1 - beta) / (1 - pow(beta, count));
}

static double (*const weighers[])(double count, double beta) = {weigh_evenly, weigh_inverse, weigh_effective};

static size_t largest(const float *counts, size_t count)
{
	size_t best = 0;
	for (size_t c = 1; c < count; c++)
		best = counts[c] > counts[best] ? c : best;
	return best;
}

void class_weights_fill(
        float *weights, size_t count, const struct text_rows *rows, const struct class_weights_options *options)
{
	double sum = 0;
	memset(weights, 0, count * sizeof *weights);
	for (size_t i = 0; i < rows->count; i++) {
		assert(rows->rows[i].label >= 0 && (size_t)rows->rows[i].label < count);
		weights[rows->rows[i].label] += 1;
	}
	const size_t background = largest(weights, count);
	for (size_t c = 0; c < count; c++) {
		const double rows_of_class = (double)weights[c];
		if (rows_of_class == 0)
			continue;
		const double weight = weighers[options->kind](rows_of_class, options->beta) *
		                      (c == background ? 1 - options->alpha : options->alpha);
		weights[c] = (float)weight;
		sum += weight * rows_of_class;
	}
	for (size_t c = 0; c < count; c++)
		weights[c] *= (float)((double)rows->count / sum);
}
