#include "worker/learning/curriculum.h"

#include <assert.h>
#include <errno.h>
#include <math.h>

#include "schema/base/memory.h"

enum { KIND_NONE, KIND_LENGTH, KIND_RARITY, KIND_LOSS };

const char *const curriculum_names[] = {"none", "length", "rarity", "loss", NULL};
const char *const curriculum_paces[] = {"competence", "linear", NULL};

static int measure_length(float *difficulty, const struct tokens *tokens)
{
	for (size_t i = 0; i < tokens->rows; i++)
		difficulty[i] = (float)tokens_length(tokens, i);
	return 0;
}

static int highest_id(const struct tokens *tokens)
{
	int highest = 0;
	for (size_t i = 0; i < tokens->starts[tokens->rows]; i++)
		highest = tokens->ids[i] > highest ? tokens->ids[i] : highest;
	return highest;
}

static int measure_rarity(float *difficulty, const struct tokens *tokens)
{
	const size_t total = tokens->starts[tokens->rows];
	double *counts = memory_alloc((size_t)highest_id(tokens) + 2, sizeof *counts);
	if (!counts)
		return -ENOMEM;
	for (size_t i = 0; i < total; i++)
		counts[tokens->ids[i]]++;
	counts[TOKEN_UNKNOWN] = 1; /* log of it must be finite, seen or not */
	for (size_t i = 0; i < tokens->rows; i++) {
		double sum = 0;
		for (size_t at = tokens->starts[i]; at < tokens->starts[i + 1]; at++)
			sum += log((double)total / counts[tokens->ids[at]]);
		difficulty[i] = (float)sum;
	}
	memory_free(counts);
	return 0;
}

static int (*const measures[])(float *difficulty, const struct tokens *tokens) = {
        [KIND_LENGTH] = measure_length, [KIND_RARITY] = measure_rarity, [KIND_LOSS] = NULL};

int curriculum_init(struct curriculum *curriculum, const struct curriculum_options *options,
        const struct tokens *tokens, size_t epochs)
{
	*curriculum = (struct curriculum){.options = options, .epochs = epochs};
	if (options->kind == KIND_NONE)
		return 0;
	curriculum->difficulty = memory_alloc(tokens->rows, sizeof *curriculum->difficulty);
	if (!curriculum->difficulty)
		return -ENOMEM;
	return measures[options->kind] ? measures[options->kind](curriculum->difficulty, tokens) : 0;
}

void curriculum_finish(struct curriculum *curriculum)
{
	memory_free(curriculum->difficulty);
	*curriculum = CURRICULUM_NULL;
}

static double pace_competence(double start, double progress)
{
	return sqrt(start * start + (1 - start * start) * progress);
}

static double pace_linear(double start, double progress)
{
	return start + (1 - start) * progress;
}

static double (*const paces[])(double start, double progress) = {pace_competence, pace_linear};

double curriculum_competence(const struct curriculum *curriculum, size_t epoch)
{
	const struct curriculum_options *options = curriculum->options;
	const double growing = options->share * (double)curriculum->epochs; /* epochs until all rows are seen */
	if (options->kind == KIND_NONE || (options->kind == KIND_LOSS && epoch == 0) || (double)epoch >= growing)
		return 1;
	assert(options->pace == 0 || options->pace == 1);
	return paces[options->pace](options->start, (double)epoch / growing);
}

void curriculum_observe(struct curriculum *curriculum, size_t row, double loss)
{
	if (curriculum->options->kind == KIND_LOSS)
		curriculum->difficulty[row] = loss > 0 ? (float)loss : 0; /* not −0: batch_order sorts by the bits */
}
