#include "worker/learning/batcher.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"

void samples_finish(struct samples *samples)
{
	tokens_finish(&samples->tokens);
	sparse_finish(&samples->features);
}

int batcher_init(struct batcher *batcher, size_t sentences, size_t tokens, int reach)
{
	*batcher = (struct batcher){.sentences = sentences, .tokens = tokens, .reach = reach};
	const size_t wide = sentences * tokens;
	int *at = batcher->ints = memory_alloc(3 * wide + 6 * sentences + 1, sizeof *at);
	if (!at)
		return -ENOMEM;
	int **const wides[] = {&batcher->ids, &batcher->positions[0], &batcher->positions[1]};
	int **const narrow[] = {&batcher->lengths, &batcher->starts[0], &batcher->starts[1], &batcher->ends[0],
	        &batcher->ends[1], &batcher->feature_starts};
	for (size_t i = 0; i < sizeof wides / sizeof *wides; i++, at += wide)
		*wides[i] = at;
	for (size_t i = 0; i < sizeof narrow / sizeof *narrow; i++, at += sentences)
		*narrow[i] = at;
	return 0;
}

void batcher_finish(struct batcher *batcher)
{
	memory_free(batcher->ints);
	memory_free(batcher->feature_ids);
	memory_free(batcher->feature_values);
	memory_free(batcher->gram_ids);
	memory_free(batcher->gram_starts);
	*batcher = BATCHER_NULL;
}

/* The distance of token t to the entity [start, end), clipped to the reach, as a row of its table:
 * reach + 1 inside the entity, from 1 on, as 0 is padding. */
static int distance(int t, int start, int end, int reach)
{
	const int away = t < start ? t - start : t >= end ? t - end + 1 : 0;
	return (away < -reach ? -reach : away > reach ? reach : away) + reach + 1;
}

static void fill_sentence(struct batcher *batcher, const struct tokens *tokens, size_t row, size_t b, size_t width)
{
	const struct token_place *place = &tokens->places[row];
	const size_t length = tokens_length(tokens, row), at = b * width;
	memcpy(batcher->ids + at, tokens->ids + tokens->starts[row], length * sizeof *batcher->ids);
	memset(batcher->ids + at + length, 0, (width - length) * sizeof *batcher->ids);
	assert(length >= 1 && length <= width);
	batcher->lengths[b] = (int)length;
	for (size_t i = 0; i < 2; i++) {
		batcher->starts[i][b] = place->starts[i];
		batcher->ends[i][b] = place->ends[i];
		for (size_t t = 0; t < width; t++)
			batcher->positions[i][at + t] =
			        t < length && place->starts[i] != TOKEN_NOWHERE
			                ? distance((int)t, place->starts[i], place->ends[i], batcher->reach)
			                : 0;
	}
}

static int reserve_features(struct batcher *batcher, size_t count)
{
	if (count <= batcher->feature_capacity)
		return 0;
	struct array_growth growth = array_growth_begin(batcher->feature_capacity, count);
	array_resize(batcher->feature_ids, &growth, 1);
	array_resize(batcher->feature_values, &growth, 1);
	return array_growth_end(&batcher->feature_capacity, &growth);
}

static int fill_features(struct batcher *batcher, const struct sparse *features, const size_t *rows, size_t count)
{
	size_t total = 0, at = 0;
	for (size_t b = 0; b < count; b++)
		total += features->starts[rows[b] + 1] - features->starts[rows[b]];
	if (reserve_features(batcher, total) < 0)
		return -ENOMEM;
	for (size_t b = 0; b < count; b++) {
		batcher->feature_starts[b] = (int)at;
		for (size_t i = features->starts[rows[b]]; i < features->starts[rows[b] + 1]; i++, at++) {
			batcher->feature_ids[at] = (int)features->columns[i] + 1;
			batcher->feature_values[at] = features->values[i];
		}
	}
	assert(at == total);
	batcher->feature_starts[count] = (int)at;
	return 0;
}

static int reserve_grams(struct batcher *batcher, size_t count)
{
	if (!batcher->gram_starts) {
		batcher->gram_starts =
		        memory_alloc(batcher->sentences * batcher->tokens + 1, sizeof *batcher->gram_starts);
		if (!batcher->gram_starts)
			return -ENOMEM;
	}
	return array_reserve(batcher->gram_ids, &batcher->gram_capacity, count);
}

static int fill_grams(
        struct batcher *batcher, const struct tokens *tokens, const size_t *rows, size_t count, size_t width)
{
	const size_t *const starts = tokens->gram_starts;
	size_t total = 0, at = 0;
	for (size_t b = 0; b < count; b++)
		total += starts[tokens->starts[rows[b] + 1]] - starts[tokens->starts[rows[b]]];
	if (reserve_grams(batcher, total) < 0)
		return -ENOMEM;
	for (size_t b = 0; b < count; b++) {
		const size_t from = tokens->starts[rows[b]], length = tokens_length(tokens, rows[b]);
		for (size_t t = 0; t < width; t++) {
			batcher->gram_starts[b * width + t] = (int)at;
			for (size_t i = t < length ? starts[from + t] : 0; t < length && i < starts[from + t + 1]; i++)
				batcher->gram_ids[at++] = tokens->grams[i];
		}
	}
	assert(at == total);
	batcher->gram_starts[count * width] = (int)at;
	return 0;
}

int batcher_fill(
        struct batch *out, struct batcher *batcher, const struct samples *samples, const size_t *rows, size_t count)
{
	size_t width = 1;
	assert(count <= batcher->sentences);
	for (size_t b = 0; b < count; b++) {
		const size_t length = tokens_length(&samples->tokens, rows[b]);
		width = length > width ? length : width;
	}
	assert(width <= batcher->tokens);
	for (size_t b = 0; b < count; b++)
		fill_sentence(batcher, &samples->tokens, rows[b], b, width);
	if (samples->features.rows > 0 && fill_features(batcher, &samples->features, rows, count) < 0)
		return -ENOMEM;
	if (samples->tokens.gram_starts && fill_grams(batcher, &samples->tokens, rows, count, width) < 0)
		return -ENOMEM;
	*out = (struct batch){count, width, batcher->lengths, batcher->ids,
	        {batcher->positions[0], batcher->positions[1]}, {batcher->starts[0], batcher->starts[1]},
	        {batcher->ends[0], batcher->ends[1]}, batcher->feature_ids, batcher->feature_values,
	        batcher->feature_starts, batcher->gram_ids, batcher->gram_starts};
	return 0;
}

void batcher_forget_words(struct batcher *batcher, const struct batch *batch, double rate, struct rng *rng)
{
	for (size_t i = 0; rate > 0 && i < batch->sentences * batch->tokens; i++)
		if (batcher->ids[i] >= TOKEN_FIRST && rng_uniform(rng) < rate)
			batcher->ids[i] = TOKEN_UNKNOWN;
}
