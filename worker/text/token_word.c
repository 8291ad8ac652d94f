#include "worker/text/token_word.h"

#include <assert.h>
#include <errno.h>

#include "schema/base/text.h"
#include "schema/base/utf8.h"
#include "worker/text/bpe_learner.h"

static int add_whole(struct token_view *view, const struct token_options *options, const char *word, size_t length)
{
	(void)options;
	return token_view_add(view, word, length);
}

/* The n-grams that begin at `from`; the mark of a word's end alone is none. */
static int add_grams_at(struct token_view *view, const struct token_options *options, const char *from,
        const char *word, const char *end)
{
	const char *at = from;
	int rc = 0;
	for (int64_t n = 1; rc == 0 && n <= options->ngram_max && at < end; n++) {
		utf8_next(&at, end);
		if (n >= options->ngram_min && !(n == 1 && (from == word || at == end)))
			rc = token_view_add_gram(view, from, (size_t)(at - from), options->ngram_buckets);
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
	text_finish(&marked);
	return rc;
}

/* The mark of a word's end is part of the piece as people read it. */
static int add_piece(struct token_view *view, uint64_t name, const char *bytes, size_t length, bool last)
{
	struct text marked = TEXT_NULL;
	if (!last || !view->note)
		return token_view_add_named(view, name, bytes, length);
	text_append_bytes(&marked, bytes, length);
	text_append(&marked, "</w>");
	int rc = marked.failed ? -ENOMEM : token_view_add_named(view, name, marked.data, marked.length);
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
	        size_t length) = {[TOKEN_UNIT_WORD] = add_whole,
	        [TOKEN_UNIT_SYLLABLE] = add_whole,
	        [TOKEN_UNIT_CHARACTER] = add_whole,
	        [TOKEN_UNIT_NGRAMS] = add_with_grams,
	        [TOKEN_UNIT_BPE] = add_pieces};
	assert(length > 0);
	return adders[options->unit](view, options, word, length);
}
