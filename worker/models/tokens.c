#include "worker/models/tokens.h"

#include <errno.h>

#include "schema/base/memory.h"
#include "worker/models/token_view.h"

void tokens_finish(struct tokens *tokens)
{
	memory_free(tokens->starts);
	memory_free(tokens->ids);
	memory_free(tokens->places);
	*tokens = TOKENS_NULL;
}

size_t tokens_length(const struct tokens *tokens, size_t row)
{
	return tokens->starts[row + 1] - tokens->starts[row];
}

size_t tokens_longest(const struct tokens *tokens)
{
	size_t longest = 0;
	for (size_t row = 0; row < tokens->rows; row++)
		longest = tokens_length(tokens, row) > longest ? tokens_length(tokens, row) : longest;
	return longest;
}

/* Passes over the views of all rows; `take` sees each. */
static int each_view(const struct token_options *options, const struct model_rows *rows,
        int (*take)(void *context, const struct token_view *view), void *context)
{
	struct token_view view = TOKEN_VIEW_NULL;
	int result = 0;
	for (size_t i = 0; result == 0 && i < rows->count; i++) {
		result = token_view_read(&view, options, &rows->rows[i]);
		if (result == 0) {
			token_view_crop(&view, options);
			result = take(context, &view);
		}
	}
	token_view_finish(&view);
	return result;
}

struct census {
	struct vocabulary names;
	uint32_t *counts; /* (names), owned */
};

static int take_names(void *context, const struct token_view *view)
{
	struct census *census = context;
	uint32_t column;
	for (size_t i = 0; i < view->count; i++)
		if (vocabulary_add(&column, &census->names, view->names[i]) < 0)
			return -ENOMEM;
	return 0;
}

static int take_counts(void *context, const struct token_view *view)
{
	struct census *census = context;
	for (size_t i = 0; i < view->count; i++)
		census->counts[vocabulary_find(&census->names, view->names[i])]++;
	return 0;
}

static int keep_frequent(struct vocabulary *out, const struct census *census, int64_t min_count)
{
	uint32_t column;
	for (size_t i = 0; i < census->names.count; i++)
		if (census->counts[i] >= min_count && vocabulary_add(&column, out, census->names.keys[i]) < 0)
			return -ENOMEM;
	return 0;
}

int tokens_learn(struct vocabulary *out, const struct token_options *options, const struct model_rows *rows)
{
	struct census census = {0};
	*out = VOCABULARY_NULL;
	int result = each_view(options, rows, take_names, &census);
	if (result == 0) {
		census.counts = memory_alloc(census.names.count, sizeof *census.counts);
		result = census.counts ? each_view(options, rows, take_counts, &census) : -ENOMEM;
	}
	if (result == 0)
		result = keep_frequent(out, &census, options->min_count);
	vocabulary_finish(&census.names);
	memory_free(census.counts);
	return result;
}

struct encoding {
	struct tokens *tokens;
	const struct vocabulary *vocabulary;
};

static int reserve_ids(struct tokens *tokens, size_t count)
{
	size_t capacity = tokens->capacity ? tokens->capacity : 4096;
	while (capacity < count)
		capacity *= 2;
	if (capacity == tokens->capacity)
		return 0;
	int *ids = memory_resize(tokens->ids, capacity, sizeof *ids);
	if (!ids)
		return -ENOMEM;
	tokens->ids = ids;
	tokens->capacity = capacity;
	return 0;
}

static int take_ids(void *context, const struct token_view *view)
{
	const struct encoding *encoding = context;
	struct tokens *tokens = encoding->tokens;
	size_t at = tokens->starts[tokens->rows];
	if (reserve_ids(tokens, at + view->count) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < view->count; i++) {
		uint32_t column = vocabulary_find(encoding->vocabulary, view->names[i]);
		tokens->ids[at + i] = column == VOCABULARY_ABSENT ? TOKEN_UNKNOWN : TOKEN_FIRST + (int)column;
	}
	tokens->places[tokens->rows++] = view->place;
	tokens->starts[tokens->rows] = at + view->count;
	return 0;
}

int tokens_encode(struct tokens *out, const struct vocabulary *vocabulary, const struct token_options *options,
        const struct model_rows *rows)
{
	struct encoding encoding = {out, vocabulary};
	*out = TOKENS_NULL;
	out->starts = memory_alloc(rows->count + 1, sizeof *out->starts);
	out->places = memory_alloc(rows->count, sizeof *out->places);
	int result = out->starts && out->places ? each_view(options, rows, take_ids, &encoding) : -ENOMEM;
	if (result < 0)
		tokens_finish(out);
	return result;
}
