#include "worker/data/tagged_sentence.h"

#include <string.h>

#include "schema/base/utf8.h"

void tagged_sentence_finish(struct tagged_sentence *tagged)
{
	text_finish(&tagged->sentence);
	text_finish(&tagged->words[0]);
	text_finish(&tagged->words[1]);
}

/* Passes over `tag` at *at. */
static bool pass_tag(const char **at, const char *end, const char *tag)
{
	size_t length = strlen(tag);
	if ((size_t)(end - *at) < length || memcmp(*at, tag, length) != 0)
		return false;
	*at += length;
	return true;
}

/* Copies one code point into the sentence, and into the word of the entity that is open. */
static void pass_mark(struct tagged_sentence *tagged, const char **at, const char *end, int open)
{
	const char *from = *at;
	utf8_next(at, end);
	text_append_bytes(&tagged->sentence, from, (size_t)(*at - from));
	if (open >= 0)
		text_append_bytes(&tagged->words[open], from, (size_t)(*at - from));
}

const char *tagged_sentence_parse(struct tagged_sentence *tagged, const char *at, const char *end)
{
	static const char *const opening[2] = {"<e1>", "<e2>"}, *const closing[2] = {"</e1>", "</e2>"};
	int open = -1, seen = 0;
	text_clear(&tagged->sentence);
	text_clear(&tagged->words[0]);
	text_clear(&tagged->words[1]);
	for (double place = 0; at < end;) {
		if (open < 0 && !(seen & 1) && pass_tag(&at, end, opening[0]))
			open = 0;
		else if (open < 0 && !(seen & 2) && pass_tag(&at, end, opening[1]))
			open = 1;
		else if (open >= 0 && pass_tag(&at, end, closing[open])) {
			tagged->ends[open] = place - 1;
			open = -1;
			continue;
		} else {
			pass_mark(tagged, &at, end, open);
			place++;
			continue;
		}
		tagged->starts[open] = place;
		seen |= 1 << open;
	}
	return open >= 0 || seen != 3 ? "the sentence needs one <e1>…</e1> and one <e2>…</e2>" : NULL;
}

bool tagged_sentence_failed(const struct tagged_sentence *tagged)
{
	return tagged->sentence.failed || tagged->words[0].failed || tagged->words[1].failed;
}

void tagged_sentence_fill(struct row *out, const struct tagged_sentence *tagged)
{
	out->sentence = text_string(&tagged->sentence);
	out->subject = (struct row_entity){text_string(&tagged->words[0]), "", tagged->starts[0], tagged->ends[0]};
	out->object = (struct row_entity){text_string(&tagged->words[1]), "", tagged->starts[1], tagged->ends[1]};
}
