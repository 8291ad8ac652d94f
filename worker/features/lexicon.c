#include "worker/features/lexicon.h"

#include <errno.h>
#include <string.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"
#include "schema/base/utf8.h"
#include "worker/text/nfc.h"

static uint64_t extend(uint64_t hash, uint32_t code)
{
	hash = (hash ^ (code >= 'A' && code <= 'Z' ? code + 32 : code)) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 32;
}

static uint64_t hash_text(const char *at, const char *end)
{
	uint64_t hash = 1;
	while (at < end)
		hash = extend(hash, utf8_next(&at, end));
	return hash;
}

void lexicon_finish(struct lexicon *lexicon)
{
	vocabulary_finish(&lexicon->words);
	memory_free(lexicon->starts);
	memory_free(lexicon->classes);
	*lexicon = LEXICON_NULL;
}

static int add_class(struct lexicon *lexicon, uint64_t class)
{
	size_t *end = &lexicon->starts[lexicon->words.count];
	if (array_reserve(lexicon->classes, &lexicon->class_capacity, *end + 1) < 0)
		return -ENOMEM;
	lexicon->classes[(*end)++] = class;
	return 0;
}

static int add_word(struct lexicon *lexicon, uint64_t word)
{
	const size_t count = lexicon->words.count;
	uint32_t number;
	int rc = array_reserve(lexicon->starts, &lexicon->start_capacity, count + 2);
	if (rc < 0)
		return rc;
	if (count == 0)
		lexicon->starts[0] = 0;
	rc = vocabulary_add(&number, &lexicon->words, word);
	if (rc == 0 && number < count)
		return -EEXIST;
	if (rc == 0)
		lexicon->starts[count + 1] = lexicon->starts[count];
	return rc;
}

static int add_classes(struct lexicon *lexicon, const char *at, const char *end)
{
	int rc = 0;
	for (; rc == 0 && at < end; at++) {
		const char *from = at;
		while (at < end && *at != ' ' && *at != '\t')
			at++;
		if (at > from)
			rc = add_class(lexicon, hash_text(from, at));
	}
	return rc;
}

/* Adds one line, given without its line end, in normal form C. Returns what is wrong with it, or
 * NULL; *rc is then 0 or -ENOMEM. */
static const char *add_entry(struct lexicon *lexicon, int *rc, const char *line, size_t length)
{
	const char *end = line + length, *tab = memchr(line, '\t', length);
	if (!tab)
		return "has no tab between a word and its classes";
	if (tab == line)
		return "has no word before its tab";
	*rc = add_word(lexicon, hash_text(line, tab));
	if (*rc == -EEXIST)
		return "has a word that was there before";
	if (*rc < 0)
		return NULL;
	const size_t count = lexicon->words.count;
	*rc = add_classes(lexicon, tab + 1, end);
	return *rc == 0 && lexicon->starts[count] == lexicon->starts[count - 1] ? "has no class" : NULL;
}

/* As add_entry, in whatever form: rows have normal form C when their words are looked up. */
static const char *add_line(struct lexicon *lexicon, int *rc, const char *line, size_t length)
{
	struct nfc nfc;
	if (!utf8_valid(line, length))
		return "is no UTF-8";
	*rc = nfc_init(&nfc, line, length, false);
	if (*rc < 0)
		return NULL;
	const char *complaint = add_entry(lexicon, rc, nfc.bytes, nfc.length);
	nfc_finish(&nfc);
	return complaint;
}

int lexicon_parse(struct lexicon *out, const char *bytes, size_t length, struct error *error)
{
	struct lexicon lexicon = LEXICON_NULL;
	const char *at = bytes, *end = bytes + length, *complaint = NULL;
	size_t number = 1;
	int rc = 0;
	for (; rc == 0 && at < end; number++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at)), *stop = newline ? newline : end;
		size_t width = (size_t)(stop - at);
		width -= width && at[width - 1] == '\r';
		if (width)
			complaint = add_line(&lexicon, &rc, at, width);
		if (complaint)
			rc = error_set(error, -EINVAL, "line %zu %s", number, complaint);
		at = stop + 1;
	}
	if (rc < 0) {
		lexicon_finish(&lexicon);
		return rc;
	}
	*out = lexicon;
	return 0;
}

const uint64_t *lexicon_find(size_t *out_count, const struct lexicon *lexicon, const uint32_t *codes, size_t count)
{
	uint64_t hash = 1;
	for (size_t i = 0; i < count; i++)
		hash = extend(hash, codes[i]);
	const uint32_t word = vocabulary_find(&lexicon->words, hash);
	if (word == VOCABULARY_ABSENT)
		return NULL;
	*out_count = lexicon->starts[word + 1] - lexicon->starts[word];
	return &lexicon->classes[lexicon->starts[word]];
}
