#include "worker/tokenizers/splitter.h"

#include <errno.h>
#include <string.h>

#include "schema/base/utf8.h"
#include "worker/tokenizers/characters.h"
#include "worker/tokenizers/gpt2_pattern.h"

static const char metaspace[] = "\xE2\x96\x81";
enum { METASPACE_BYTES = sizeof metaspace - 1 };

struct word_walk {
	const struct splitter *splitter;
	const struct word_taker *taker;
	struct aligned_text marked; /* the word at hand with its marks */
};

static int take(const struct word_walk *walk, const struct aligned_span *word, size_t from, size_t to)
{
	if (from == to)
		return 0;
	const struct aligned_span part = {word->bytes + from, word->origins + from, to - from};
	return walk->taker->take(walk->taker->context, &part);
}

static bool wants_prefix(const struct splitter *splitter, const struct aligned_span *word, const char *prefix)
{
	const size_t length = strlen(prefix);
	if (!splitter->prefix || (splitter->first_only && word->origins[0].begin > 0))
		return false;
	return word->length < length || memcmp(word->bytes, prefix, length) != 0;
}

/* The word begins with the prefix, if it wants one, which comes from where its first byte does. */
static int begin_marked(struct word_walk *walk, const struct aligned_span *word, const char *prefix)
{
	walk->marked.length = 0;
	if (!wants_prefix(walk->splitter, word, prefix))
		return 0;
	return aligned_text_append_bytes(&walk->marked, prefix, word->origins[0]);
}

static int take_plain(struct word_walk *walk, const struct aligned_span *word)
{
	return take(walk, word, 0, word->length);
}

static int mark_blanks(struct word_walk *walk, const struct aligned_span *word)
{
	int rc = 0;
	walk->marked.length = 0;
	if (*word->bytes != ' ') /* which becomes the mark */
		rc = begin_marked(walk, word, metaspace);
	for (size_t i = 0; rc == 0 && i < word->length; i++) {
		const struct aligned_span byte = {word->bytes + i, word->origins + i, 1};
		rc = *byte.bytes == ' ' ? aligned_text_append_bytes(&walk->marked, metaspace, *byte.origins)
		                        : aligned_text_append_span(&walk->marked, &byte);
	}
	return rc;
}

static int take_metaspace(struct word_walk *walk, const struct aligned_span *word)
{
	int rc = mark_blanks(walk, word);
	const struct aligned_span whole = aligned_text_span(&walk->marked, 0, walk->marked.length);
	size_t from = 0;
	for (size_t i = METASPACE_BYTES; rc == 0 && walk->splitter->apart && i + METASPACE_BYTES <= whole.length; i++)
		if (memcmp(whole.bytes + i, metaspace, METASPACE_BYTES) == 0) {
			rc = take(walk, &whole, from, i);
			from = i;
		}
	return rc != 0 ? rc : take(walk, &whole, from, whole.length);
}

static int take_gpt2(struct word_walk *walk, const struct aligned_span *word)
{
	int rc = begin_marked(walk, word, " ");
	if (rc == 0)
		rc = aligned_text_append_span(&walk->marked, word);
	const struct aligned_span whole = aligned_text_span(&walk->marked, 0, walk->marked.length);
	if (rc != 0 || !walk->splitter->apart)
		return rc != 0 ? rc : take(walk, &whole, 0, whole.length);
	for (size_t at = 0; rc == 0 && at < whole.length;) {
		const size_t length = gpt2_pattern_match(whole.bytes + at, whole.length - at);
		rc = take(walk, &whole, at, at + length);
		at += length;
	}
	return rc;
}

static int (*const takers[WORD_MARKS])(struct word_walk *walk, const struct aligned_span *word) = {
        [WORD_PLAIN] = take_plain,
        [WORD_METASPACE] = take_metaspace,
        [WORD_GPT2] = take_gpt2,
};

static int take_word(struct word_walk *walk, const struct aligned_span *span, size_t from, size_t to)
{
	if (from == to)
		return 0;
	const struct aligned_span word = {span->bytes + from, span->origins + from, to - from};
	return takers[walk->splitter->mark](walk, &word);
}

static int split(struct word_walk *walk, const struct aligned_span *span)
{
	const char *const end = span->bytes + span->length;
	size_t from = 0;
	int rc = 0;
	for (const char *at = span->bytes; rc == 0 && at < end;) {
		const size_t here = (size_t)(at - span->bytes);
		const uint32_t code = utf8_next(&at, end);
		const size_t next = (size_t)(at - span->bytes);
		const bool white = walk->splitter->at_white && code_is_white(code);
		if (!white && !(walk->splitter->at_punctuation && code_is_punctuation(code)))
			continue;
		rc = take_word(walk, span, from, here);
		if (rc == 0 && !white)
			rc = take_word(walk, span, here, next);
		from = next;
	}
	return rc != 0 ? rc : take_word(walk, span, from, span->length);
}

int splitter_walk(const struct splitter *splitter, const struct aligned_span *span, const struct word_taker *taker)
{
	struct word_walk walk = {splitter, taker, ALIGNED_TEXT_NULL};
	int rc = split(&walk, span);
	aligned_text_finish(&walk.marked);
	return rc;
}
