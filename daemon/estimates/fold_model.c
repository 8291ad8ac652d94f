#include "daemon/estimates/fold_model.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "schema/base/memory.h"

#define MAD_TO_SD 1.4826 /* of a normal distribution */

/* A complete trial: its row and the mean over the study's folds. */
struct complete_trial {
	const double *row;
	double mean;
};

/* The complete trials of a table, the better first. */
struct ranking {
	struct complete_trial *trials; /* (count) owned */
	size_t count, better;          /* of these, the better two thirds */
	double *scratch;               /* (count) for medians; owned */
};

static bool is_complete(const struct fold_table *table, const double *row)
{
	for (size_t fold = 0; fold < table->fold_count; fold++)
		if (!isfinite(row[fold]))
			return false;
	return true;
}

static double mean_of(const double *values, size_t count)
{
	double sum = 0;
	for (size_t i = 0; i < count; i++)
		sum += values[i];
	return sum / (double)count;
}

static int compare_numbers(const void *left, const void *right)
{
	const double *a = left, *b = right;
	return (*a > *b) - (*a < *b);
}

/* By value, falling; among equals the earlier trial. */
static int compare_ranked(const void *left, const void *right)
{
	const struct complete_trial *a = left, *b = right;
	if (a->mean > b->mean || a->mean < b->mean)
		return a->mean < b->mean ? 1 : -1;
	return (a->row > b->row) - (a->row < b->row);
}

static void ranking_finish(struct ranking *ranking)
{
	memory_free(ranking->trials);
	memory_free(ranking->scratch);
}

static int rank_trials(struct ranking *out, const struct fold_table *table)
{
	*out = (struct ranking){0};
	out->trials = memory_alloc(table->trial_count + 1, sizeof *out->trials);
	out->scratch = memory_alloc(table->trial_count + 1, sizeof *out->scratch);
	if (!out->trials || !out->scratch) {
		ranking_finish(out);
		return -ENOMEM;
	}
	double sign = table->maximize ? 1 : -1; /* of the means while they are sorted */
	for (size_t trial = 0; trial < table->trial_count; trial++) {
		const double *row = table->values + trial * table->column_count;
		if (is_complete(table, row))
			out->trials[out->count++] =
			        (struct complete_trial){row, sign * mean_of(row, table->fold_count)};
	}
	qsort(out->trials, out->count, sizeof *out->trials, compare_ranked);
	for (size_t i = 0; i < out->count; i++)
		out->trials[i].mean *= sign;
	out->better = (2 * out->count + 2) / 3;
	return 0;
}

static double median(double *values, size_t count)
{
	qsort(values, count, sizeof *values, compare_numbers);
	return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static void fit_effects(struct fold_model *model, const struct ranking *ranking)
{
	for (size_t fold = 0; fold < model->fold_count; fold++) {
		double sum = 0;
		for (size_t i = 0; i < ranking->better; i++)
			sum += ranking->trials[i].row[fold] - ranking->trials[i].mean;
		model->effects[fold] = sum / (double)ranking->better;
	}
}

static void fit_noise(struct fold_model *model, const struct ranking *ranking)
{
	double squares = 0;
	for (size_t i = 0; i < ranking->better; i++)
		for (size_t fold = 0; fold < model->fold_count; fold++) {
			const struct complete_trial *trial = &ranking->trials[i];
			double rest = trial->row[fold] - trial->mean - model->effects[fold];
			squares += rest * rest;
		}
	double freedom = (double)(ranking->better - 1) * (double)(model->fold_count - 1);
	model->noise_variance = model->fold_count > 1 ? squares / freedom : 0;
}

static void fit_trials(struct fold_model *model, const struct ranking *ranking)
{
	double *scratch = ranking->scratch, noise = model->noise_variance / (double)model->fold_count;
	for (size_t i = 0; i < ranking->count; i++)
		scratch[i] = ranking->trials[i].mean;
	model->mean = median(scratch, ranking->count);
	for (size_t i = 0; i < ranking->count; i++)
		scratch[i] = fabs(ranking->trials[i].mean - model->mean);
	double spread = MAD_TO_SD * median(scratch, ranking->count), width = spread * spread, squares = 0;
	for (size_t i = 0; i < ranking->better; i++) {
		double apart = ranking->trials[i].mean - model->mean;
		squares += apart * apart / (double)ranking->better;
	}
	if (squares > 4 * width) /* more than half are alike, and not the good ones */
		width = squares;
	model->trial_variance = fmax(width - noise, noise);
}

/* How far the study's folds differ in truth: the variance of their effects without the noise. */
static double effect_variance(const struct fold_model *model, size_t better)
{
	double squares = 0, folds = (double)model->fold_count;
	if (model->fold_count < 2)
		return 0;
	for (size_t fold = 0; fold < model->fold_count; fold++)
		squares += model->effects[fold] * model->effects[fold];
	return fmax(squares / (folds - 1) - model->noise_variance / (double)better, 0);
}

void fold_model_weigh(double *mean, double *variance, const struct fold_model *model, const struct fold_evidence *seen)
{
	assert(model->fitted);
	double noise = model->noise_variance + seen->extra, count = (double)seen->count;
	if (seen->count == 0) {
		*mean = model->mean;
		*variance = model->trial_variance;
	} else if (noise <= 0 || model->trial_variance <= 0) { /* without noise the values are all there is to know */
		*mean = noise <= 0 ? seen->value : model->mean;
		*variance = 0;
	} else {
		*variance = 1 / (1 / model->trial_variance + count / noise);
		*mean = *variance * (model->mean / model->trial_variance + count * seen->value / noise);
	}
}

/* From the first `count` columns. */
static struct fold_evidence gather(const struct fold_model *model, const double *values, size_t count)
{
	struct fold_evidence seen = {0};
	double sum = 0;
	for (size_t column = 0; column < count; column++)
		if (isfinite(values[column])) {
			sum += values[column] - model->effects[column];
			seen.count++;
		}
	seen.value = seen.count > 0 ? sum / (double)seen.count : 0;
	return seen;
}

/* A further column against what its trials are worth by their own folds. */
static void fit_column(struct fold_model *model, const struct fold_table *table, size_t column, double variance)
{
	double sum = 0, mean, rest;
	size_t count = 0;
	for (size_t trial = 0; trial < table->trial_count; trial++) {
		const double *row = table->values + trial * table->column_count;
		if (!isfinite(row[column]))
			continue;
		const struct fold_evidence own = gather(model, row, model->fold_count);
		fold_model_weigh(&mean, &rest, model, &own);
		sum += row[column] - mean;
		count++;
	}
	if (count > 0 && variance > 0)
		model->effects[column] = sum / ((double)count + model->noise_variance / variance);
}

int fold_model_fit(struct fold_model *out, const struct fold_table *table)
{
	assert(table->fold_count >= 1 && table->column_count >= table->fold_count);
	struct fold_model model = {.fold_count = table->fold_count, .column_count = table->column_count};
	struct ranking ranking;
	model.effects = memory_alloc(table->column_count, sizeof *model.effects);
	if (!model.effects)
		return -ENOMEM;
	if (rank_trials(&ranking, table) != 0) {
		fold_model_finish(&model);
		return -ENOMEM;
	}
	model.fitted = ranking.count >= FOLD_MODEL_LEAST;
	if (model.fitted) {
		fit_effects(&model, &ranking);
		fit_noise(&model, &ranking);
		fit_trials(&model, &ranking);
		double variance = effect_variance(&model, ranking.better);
		for (size_t column = model.fold_count; column < model.column_count; column++)
			fit_column(&model, table, column, variance);
	}
	ranking_finish(&ranking);
	*out = model;
	return 0;
}

void fold_model_finish(struct fold_model *model)
{
	memory_free(model->effects);
	*model = (struct fold_model){0};
}

void fold_model_posterior(double *mean, double *variance, const struct fold_model *model, const double *values)
{
	const struct fold_evidence seen = gather(model, values, model->column_count);
	fold_model_weigh(mean, variance, model, &seen);
}
