#include "worker/text/tokens.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"
#include "worker/text/bpe_learner.h"
#include "worker/text/marked_sentence.h"

void inventory_finish(struct inventory *inventory)
{
	vocabulary_finish(&inventory->names);
	vocabulary_finish(&inventory->merges);
}

void tokens_finish(struct tokens *tokens)
{
	memory_free(tokens->starts);
	memory_free(tokens->ids);
	memory_free(tokens->places);
	memory_free(tokens->gram_starts);
	memory_free(tokens->grams);
	*tokens = TOKENS_NULL;
}

size_t tokens_length(const struct tokens *tokens, size_t row)
{
	assert(row < tokens->rows);
	return tokens->starts[row + 1] - tokens->starts[row];
}

size_t tokens_longest(const struct tokens *tokens)
{
	size_t longest = 0;
	for (size_t row = 0; row < tokens->rows; row++)
		longest = tokens_length(tokens, row) > longest ? tokens_length(tokens, row) : longest;
	return longest;
}

/* A pass over the views of all rows. */
struct row_walk {
	const struct token_options *options;
	const struct text_rows *rows;
	const struct vocabulary *merges;
	struct bpe_learner *learner;
};

/* `take` is called with each view, cropped; NULL = the views are only read. */
static int walk_views(
        const struct row_walk *walk, int (*take)(void *context, const struct token_view *view), void *context)
{
	struct token_view view = {.merges = walk->merges, .learner = walk->learner};
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < walk->rows->count; i++) {
		rc = marked_sentence_read(&view, walk->options, &walk->rows->rows[i]);
		if (rc == 0 && take) {
			token_view_crop(&view, walk->options);
			rc = take(context, &view);
		}
	}
	token_view_finish(&view);
	return rc;
}

static int learn_merges(struct vocabulary *out, const struct token_options *options, const struct text_rows *rows)
{
	struct bpe_learner learner = BPE_LEARNER_NULL;
	const struct row_walk walk = {options, rows, NULL, &learner};
	int rc = walk_views(&walk, NULL, NULL);
	if (rc == 0)
		rc = bpe_learn(out, &learner, (size_t)options->bpe_size);
	bpe_learner_finish(&learner);
	return rc;
}

/* How often each token occurs. */
struct token_census {
	struct vocabulary names;
	uint32_t *counts; /* (names), owned */
};

static int take_names(void *context, const struct token_view *view)
{
	struct token_census *census = context;
	uint32_t column;
	for (size_t i = 0; i < view->count; i++)
		if (vocabulary_add(&column, &census->names, view->names[i]) < 0)
			return -ENOMEM;
	return 0;
}

static int take_counts(void *context, const struct token_view *view)
{
	struct token_census *census = context;
	for (size_t i = 0; i < view->count; i++) {
		const uint32_t column = vocabulary_find(&census->names, view->names[i]);
		assert(column != VOCABULARY_ABSENT); /* the first walk has added it */
		census->counts[column]++;
	}
	return 0;
}

static int keep_frequent(struct vocabulary *out, const struct token_census *census, int64_t min_count)
{
	uint32_t column;
	for (size_t i = 0; i < census->names.count; i++)
		if (census->counts[i] >= min_count && vocabulary_add(&column, out, census->names.keys[i]) < 0)
			return -ENOMEM;
	return 0;
}

static int learn_names(struct vocabulary *out, const struct row_walk *walk)
{
	struct token_census census = {0};
	int rc = walk_views(walk, take_names, &census);
	if (rc == 0) {
		census.counts = memory_alloc(census.names.count, sizeof *census.counts);
		rc = census.counts ? walk_views(walk, take_counts, &census) : -ENOMEM;
	}
	if (rc == 0)
		rc = keep_frequent(out, &census, walk->options->min_count);
	vocabulary_finish(&census.names);
	memory_free(census.counts);
	return rc;
}

int tokens_learn(struct inventory *out, const struct token_options *options, const struct text_rows *rows)
{
	*out = INVENTORY_NULL;
	const struct row_walk walk = {options, rows, &out->merges, NULL};
	int rc = options->unit == TOKEN_UNIT_BPE ? learn_merges(&out->merges, options, rows) : 0;
	return rc < 0 ? rc : learn_names(&out->names, &walk);
}

int inventory_add_marks(struct inventory *inventory, const char *const *types)
{
	struct token_view view = TOKEN_VIEW_NULL;
	uint32_t column;
	int rc = 0;
	for (const char *const *type = types; rc == 0 && *type; type++)
		rc = marked_sentence_add_marks(&view, *type);
	for (size_t i = 0; rc == 0 && i < view.count; i++)
		rc = vocabulary_add(&column, &inventory->names, view.names[i]);
	token_view_finish(&view);
	return rc;
}

struct encoding {
	struct tokens *tokens;
	const struct vocabulary *vocabulary;
	bool grams;
};

static int reserve_ids(struct tokens *tokens, size_t count, bool grams)
{
	/* one more than ids, for where the last token's n-grams end */
	if (count < tokens->capacity)
		return 0;
	struct array_growth growth = array_growth_begin(tokens->capacity, count + 1);
	array_resize(tokens->ids, &growth, 1);
	if (grams)
		array_resize(tokens->gram_starts, &growth, 1);
	int rc = array_growth_end(&tokens->capacity, &growth);
	if (rc == 0 && grams)
		tokens->gram_starts[0] = 0;
	return rc;
}

static int take_grams(struct tokens *tokens, size_t at, const struct token_view *view)
{
	const size_t needed = tokens->gram_starts[at] + view->gram_count;
	assert(at + view->count <= tokens->capacity);
	if (array_reserve(tokens->grams, &tokens->gram_capacity, needed) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < view->count; i++) {
		const size_t from = view->ranges[i].start, count = view->ranges[i].end - from;
		if (count)
			memcpy(tokens->grams + tokens->gram_starts[at + i], view->grams + from, count * sizeof(int));
		tokens->gram_starts[at + i + 1] = tokens->gram_starts[at + i] + count;
	}
	return 0;
}

static int take_ids(void *context, const struct token_view *view)
{
	const struct encoding *encoding = context;
	struct tokens *tokens = encoding->tokens;
	size_t at = tokens->starts[tokens->rows];
	if (reserve_ids(tokens, at + view->count, encoding->grams) < 0)
		return -ENOMEM;
	if (encoding->grams && take_grams(tokens, at, view) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < view->count; i++) {
		uint32_t column = vocabulary_find(encoding->vocabulary, view->names[i]);
		tokens->ids[at + i] = column == VOCABULARY_ABSENT ? TOKEN_UNKNOWN : TOKEN_FIRST + (int)column;
	}
	tokens->places[tokens->rows++] = view->place;
	tokens->starts[tokens->rows] = at + view->count;
	return 0;
}

int tokens_encode(struct tokens *out, const struct inventory *inventory, const struct token_options *options,
        const struct text_rows *rows)
{
	struct encoding encoding = {out, &inventory->names, options->unit == TOKEN_UNIT_NGRAMS};
	const struct row_walk walk = {options, rows, &inventory->merges, NULL};
	*out = TOKENS_NULL;
	out->starts = memory_alloc(rows->count + 1, sizeof *out->starts);
	out->places = memory_alloc(rows->count, sizeof *out->places);
	int rc = out->starts && out->places ? walk_views(&walk, take_ids, &encoding) : -ENOMEM;
	if (rc < 0)
		tokens_finish(out);
	return rc;
}
