#include "worker/text/marked_sentence.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <utf8proc.h>

#include "schema/base/text.h"
#include "schema/base/utf8.h"
#include "worker/text/nfc.h"
#include "worker/text/token_word.h"

/* In the order of token_markers: how subject and object are written, and what is put before the
 * sentence. w stands for the entity, % for its type, other words for themselves. */
static const struct {
	const char *entity[2], *prompt[2];
} markers[] = {
        {{"w", "w"}, {"", ""}},
        {{"<s> w </s>", "<o> w </o>"}, {"", ""}},
        {{"@ w @", "# w #"}, {"", ""}},
        {{"<s:%> w </s:%>", "<o:%> w </o:%>"}, {"", ""}},
        {{"@ * % * w @", "# ^ % ^ w #"}, {"", ""}},
        {{"<s-%>", "<o-%>"}, {"", ""}},
        {{"@ w @", "# w #"}, {"<s:%> w", "<o:%> w <query>"}},
};

enum character { CHARACTER_MARK, CHARACTER_SPACE, CHARACTER_LETTER, CHARACTER_SYLLABLE };

/* By Unicode's general category; all others are marks, each a token of its own. */
static const unsigned char kinds[32] = {
        [UTF8PROC_CATEGORY_ZS] = CHARACTER_SPACE,
        [UTF8PROC_CATEGORY_ZL] = CHARACTER_SPACE,
        [UTF8PROC_CATEGORY_ZP] = CHARACTER_SPACE,
        [UTF8PROC_CATEGORY_CC] = CHARACTER_SPACE,
        [UTF8PROC_CATEGORY_LU] = CHARACTER_LETTER,
        [UTF8PROC_CATEGORY_LL] = CHARACTER_LETTER,
        [UTF8PROC_CATEGORY_LT] = CHARACTER_LETTER,
        [UTF8PROC_CATEGORY_LM] = CHARACTER_LETTER,
        [UTF8PROC_CATEGORY_LO] = CHARACTER_LETTER,
        [UTF8PROC_CATEGORY_MN] = CHARACTER_LETTER,
        [UTF8PROC_CATEGORY_ND] = CHARACTER_LETTER,
};

/* Hangul and Han characters are syllables: unlike letters they are tokens of their own. */
static enum character character_of(uint32_t code)
{
	if ((code >= 0xAC00 && code <= 0xD7A3) || (code >= 0x4E00 && code <= 0x9FFF))
		return CHARACTER_SYLLABLE;
	return (enum character)kinds[utf8proc_category((utf8proc_int32_t)code)];
}

/* joins[cutting][a][b]: a token goes on from a character of kind a to one of kind b. */
enum cutting { CUT_WORDS, CUT_SYLLABLES, CUT_CHARACTERS };
static const bool joins[3][4][4] = {
        {[CHARACTER_LETTER] = {[CHARACTER_LETTER] = true, [CHARACTER_SYLLABLE] = true},
                [CHARACTER_SYLLABLE] = {[CHARACTER_LETTER] = true, [CHARACTER_SYLLABLE] = true}},
        {[CHARACTER_LETTER] = {[CHARACTER_LETTER] = true}},
        {{false}},
};
static const enum cutting cuttings[] = {[TOKEN_UNIT_WORD] = CUT_WORDS,
        [TOKEN_UNIT_SYLLABLE] = CUT_SYLLABLES,
        [TOKEN_UNIT_CHARACTER] = CUT_CHARACTERS,
        [TOKEN_UNIT_NGRAMS] = CUT_WORDS,
        [TOKEN_UNIT_BPE] = CUT_WORDS};

static int add_split(struct token_view *view, const struct token_options *options, const char *text, const char *end)
{
	const bool(*const joined)[4] = joins[cuttings[options->unit]];
	const char *start = text;
	enum character before = CHARACTER_SPACE;
	int rc = 0;
	for (const char *at = text; rc == 0 && at < end;) {
		const char *here = at;
		enum character now = character_of(utf8_next(&at, end));
		if (here > start && !joined[before][now]) {
			if (before != CHARACTER_SPACE)
				rc = token_view_add_word(view, options, start, (size_t)(here - start));
			start = here;
		}
		before = now;
	}
	if (rc < 0 || before == CHARACTER_SPACE)
		return rc;
	return token_view_add_word(view, options, start, (size_t)(end - start));
}

/* Splits a part of the sentence after bringing it into normal form. */
static int add_text(struct token_view *view, const struct token_options *options, const char *text, size_t length)
{
	struct nfc nfc;
	if (nfc_init(&nfc, text, length, options->fold_case) < 0)
		return -ENOMEM;
	int rc = add_split(view, options, nfc.bytes, nfc.bytes + nfc.length);
	nfc_finish(&nfc);
	return rc;
}

/* One word of a pattern, with the entity's type in the place of %. */
static int add_mark(struct token_view *view, const char *word, size_t length, const char *type)
{
	struct text mark = TEXT_NULL;
	for (size_t i = 0; i < length; i++) {
		if (word[i] == '%')
			text_append(&mark, type);
		else
			text_append_bytes(&mark, &word[i], 1);
	}
	int rc = mark.failed ? -ENOMEM : token_view_add(view, text_string(&mark), mark.length);
	text_finish(&mark);
	return rc;
}

static int add_pattern(struct token_view *view, const struct token_options *options, const char *pattern,
        const struct text_row *row, const struct text_span *span)
{
	int rc = 0;
	while (rc == 0 && *pattern) {
		size_t length = strcspn(pattern, " ");
		if (length == 1 && *pattern == 'w')
			rc = add_text(
			        view, options, row->sentence + span->begin_bytes, span->end_bytes - span->begin_bytes);
		else
			rc = add_mark(view, pattern, length, span->type);
		pattern += length + (pattern[length] == ' ');
	}
	return rc;
}

static int add_open(struct token_view *view)
{
	return token_view_add(view, "<open>", 6);
}

/* The marks of a pattern without its words. */
static int add_marks_of(struct token_view *view, const char *pattern, const char *type)
{
	int rc = 0;
	while (rc == 0 && *pattern) {
		const size_t length = strcspn(pattern, " ");
		if (length != 1 || *pattern != 'w')
			rc = add_mark(view, pattern, length, type);
		pattern += length + (pattern[length] == ' ');
	}
	return rc;
}

int marked_sentence_add_marks(struct token_view *view, const char *type)
{
	int rc = add_open(view);
	for (size_t i = 0; i < sizeof markers / sizeof *markers; i++)
		for (size_t which = 0; rc == 0 && which < 2; which++) {
			rc = add_marks_of(view, markers[i].entity[which], type);
			if (rc == 0)
				rc = add_marks_of(view, markers[i].prompt[which], type);
		}
	return rc;
}

/* An entity with its marks. An entity of no tokens (spaces only) is given an empty one, so that it
 * has a place. */
static int add_entity(
        struct token_view *view, const struct token_options *options, const struct text_row *row, int which)
{
	const struct text_span *span = which ? &row->object : &row->subject;
	view->place.starts[which] = (int)view->count;
	int rc = add_pattern(view, options, markers[options->marker].entity[which], row, span);
	if (rc == 0 && (size_t)view->place.starts[which] == view->count)
		rc = token_view_add(view, "", 0);
	view->place.ends[which] = (int)view->count;
	return rc;
}

static int add_opening(struct token_view *view, const struct token_options *options, const struct text_row *row)
{
	const char *const *prompt = markers[options->marker].prompt;
	int rc = options->open ? add_open(view) : 0;
	if (rc == 0)
		rc = add_pattern(view, options, prompt[0], row, &row->subject);
	return rc < 0 ? rc : add_pattern(view, options, prompt[1], row, &row->object);
}

/* A sentence without entities. */
static int read_plain(struct token_view *view, const struct token_options *options, const struct text_row *row)
{
	view->place = (struct token_place){{TOKEN_NOWHERE, TOKEN_NOWHERE}, {TOKEN_NOWHERE, TOKEN_NOWHERE}};
	int rc = options->open ? add_open(view) : 0;
	if (rc == 0)
		rc = add_text(view, options, row->sentence, row->length_bytes);
	return rc < 0 || view->count > 0 ? rc : token_view_add(view, "", 0);
}

int marked_sentence_read(struct token_view *view, const struct token_options *options, const struct text_row *row)
{
	const int first = row->object.begin_bytes < row->subject.begin_bytes;
	size_t at = 0;
	assert(row->subject.begin_bytes <= row->subject.end_bytes && row->subject.end_bytes <= row->length_bytes);
	assert(row->object.begin_bytes <= row->object.end_bytes && row->object.end_bytes <= row->length_bytes);
	view->count = view->gram_count = 0;
	if (!row->subject.type)
		return read_plain(view, options, row);
	int rc = add_opening(view, options, row);
	for (int i = 0; rc == 0 && i < 2; i++) {
		const struct text_span *span = first ^ i ? &row->object : &row->subject;
		if (span->begin_bytes > at) /* entities may lie in each other */
			rc = add_text(view, options, row->sentence + at, span->begin_bytes - at);
		if (rc == 0)
			rc = add_entity(view, options, row, first ^ i);
		at = span->end_bytes > at ? span->end_bytes : at;
	}
	return rc < 0 ? rc : add_text(view, options, row->sentence + at, row->length_bytes - at);
}
