#include "worker/tokenizers/gpt2_pattern.h"

#include <string.h>

#include "schema/base/utf8.h"
#include "worker/tokenizers/characters.h"

enum code_kind { KIND_WHITE, KIND_LETTER, KIND_NUMBER, KIND_OTHER };

static enum code_kind kind_of(uint32_t code)
{
	if (code_is_white(code))
		return KIND_WHITE;
	return code_is_letter(code) ? KIND_LETTER : code_is_number(code) ? KIND_NUMBER : KIND_OTHER;
}

/* Where the run of code points of the first one's kind ends, and where its last one begins. */
struct kind_run {
	enum code_kind kind;
	const char *last, *end;
};

static struct kind_run run_at(const char *text, const char *end)
{
	const char *at = text;
	struct kind_run run = {kind_of(utf8_next(&at, end)), text, at};
	while (at < end) {
		const char *const here = at;
		if (kind_of(utf8_next(&at, end)) != run.kind)
			break;
		run.last = here;
		run.end = at;
	}
	return run;
}

static size_t contraction_length(const char *text, size_t length)
{
	static const char *const endings[] = {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"};
	for (size_t i = 0; *text == '\'' && i < sizeof endings / sizeof *endings; i++) {
		const size_t size = strlen(endings[i]);
		if (length >= size && memcmp(text, endings[i], size) == 0)
			return size;
	}
	return 0;
}

size_t gpt2_pattern_match(const char *text, size_t length)
{
	const char *const end = text + length;
	const size_t contraction = contraction_length(text, length);
	if (contraction)
		return contraction;
	if (*text == ' ' && length > 1) {
		const struct kind_run word = run_at(text + 1, end);
		if (word.kind != KIND_WHITE)
			return (size_t)(word.end - text);
	}
	/* White space leaves its last code point to a word behind it, unless that is all it is. */
	const struct kind_run run = run_at(text, end);
	const bool leaves = run.kind == KIND_WHITE && run.end < end && run.last > text;
	return (size_t)((leaves ? run.last : run.end) - text);
}
