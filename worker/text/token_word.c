#include "worker/text/token_word.h"

#include <errno.h>

#include "schema/base/memory.h"
#include "schema/base/rng.h"
#include "schema/base/utf8.h"
#include "worker/text/bpe_learner.h"

static int reserve(struct token_view *view)
{
	if (view->count < view->capacity)
		return 0;
	const size_t capacity = view->capacity ? view->capacity * 2 : 64;
	uint64_t *names = memory_resize(view->names, capacity, sizeof *names);
	if (!names)
		return -ENOMEM;
	view->names = names;
	struct token_range *ranges = memory_resize(view->ranges, capacity, sizeof *ranges);
	if (!ranges)
		return -ENOMEM;
	view->ranges = ranges;
	view->capacity = capacity;
	return 0;
}

/* A token by its name, and how it is written. */
static int add_named(struct token_view *view, uint64_t name, const char *bytes, size_t length)
{
	if (reserve(view) < 0)
		return -ENOMEM;
	view->ranges[view->count] = (struct token_range){view->gram_count, view->gram_count};
	view->names[view->count++] = name;
	if (view->note)
		view->note(view->note_context, name, bytes, length);
	return 0;
}

static uint64_t hash(const char *bytes, size_t length)
{
	uint64_t name = length;
	for (size_t i = 0; i < length; i++)
		name = rng_mix(name, (unsigned char)bytes[i]);
	return name;
}

int token_view_add(struct token_view *view, const char *bytes, size_t length)
{
	return add_named(view, hash(bytes, length), bytes, length);
}

static int add_whole(struct token_view *view, const struct token_options *options, const char *word, size_t length)
{
	(void)options;
	return token_view_add(view, word, length);
}

static int add_gram(struct token_view *view, const struct token_options *options, const char *bytes, size_t length)
{
	if (view->gram_count == view->gram_capacity) {
		const size_t capacity = view->gram_capacity ? view->gram_capacity * 2 : 256;
		int *grams = memory_resize(view->grams, capacity, sizeof *grams);
		if (!grams)
			return -ENOMEM;
		view->grams = grams;
		view->gram_capacity = capacity;
	}
	view->grams[view->gram_count++] = 1 + (int)(hash(bytes, length) % (uint64_t)options->ngram_buckets);
	return 0;
}

/* The n-grams that begin at `from`; a mark of an end alone is none. */
static int add_grams_at(struct token_view *view, const struct token_options *options, const char *from,
        const char *word, const char *end)
{
	const char *at = from;
	int rc = 0;
	for (int64_t n = 1; rc == 0 && n <= options->ngram_max && at < end; n++) {
		utf8_next(&at, end);
		if (n >= options->ngram_min && !(n == 1 && (from == word || at == end)))
			rc = add_gram(view, options, from, (size_t)(at - from));
	}
	return rc;
}

static int add_with_grams(struct token_view *view, const struct token_options *options, const char *word, size_t length)
{
	struct text marked = TEXT_NULL;
	text_append(&marked, "<");
	text_append_bytes(&marked, word, length);
	text_append(&marked, ">");
	int rc = marked.failed ? -ENOMEM : token_view_add(view, word, length);
	const char *const start = marked.data, *const end = start + marked.length;
	for (const char *at = start; rc == 0 && at < end; utf8_next(&at, end))
		rc = add_grams_at(view, options, at, start, end);
	if (rc == 0)
		view->ranges[view->count - 1].end = view->gram_count;
	text_finish(&marked);
	return rc;
}

/* The mark of a word's end is part of the piece as people read it. */
static int add_piece(struct token_view *view, uint64_t name, const char *bytes, size_t length, bool last)
{
	struct text marked = TEXT_NULL;
	if (!last || !view->note)
		return add_named(view, name, bytes, length);
	text_append_bytes(&marked, bytes, length);
	text_append(&marked, "</w>");
	int rc = marked.failed ? -ENOMEM : add_named(view, name, marked.data, marked.length);
	text_finish(&marked);
	return rc;
}

static int add_pieces(struct token_view *view, const struct token_options *options, const char *word, size_t length)
{
	(void)options;
	static const struct vocabulary nothing = {0};
	struct bpe_pieces pieces;
	int rc = 0;
	if (view->learner)
		return bpe_count(view->learner, word, length);
	for (size_t at = 0; rc == 0 && at < length;) {
		const size_t cut = bpe_cut(&pieces, view->merges ? view->merges : &nothing, word + at, length - at);
		for (size_t i = 0, from = 0; rc == 0 && i < pieces.count; from = pieces.ends[i++])
			rc = add_piece(view, pieces.names[i], word + at + from, pieces.ends[i] - from,
			        at + pieces.ends[i] == length);
		at += cut;
	}
	return rc;
}

int token_view_add_word(struct token_view *view, const struct token_options *options, const char *word, size_t length)
{
	static int (*const adders[])(struct token_view * view, const struct token_options *options, const char *word,
	        size_t length) = {add_whole, add_whole, add_whole, add_with_grams, add_pieces};
	return adders[options->unit](view, options, word, length);
}
