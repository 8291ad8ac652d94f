/* Vocabularies for people: models know their tokens by hashes; here they are written out. */
#ifndef WORKER_TEXT_SPELLING_H
#define WORKER_TEXT_SPELLING_H

#include "schema/base/text.h"
#include "worker/text/tokens.h"

/* How the tokens of a vocabulary are written. */
struct spelling {
	const struct inventory *inventory; /* borrowed */
	size_t (*places)[2]; /* (inventory->names.count) begin and end in `bytes`; end 0 = not met yet; owned */
	struct text bytes;
};

/* Notes that the token of this name is written so, if the vocabulary has it; memory sets bytes.failed. */
void spelling_note(struct spelling *spelling, uint64_t name, const char *bytes, size_t length);

/* Appends a line "id<TAB>token" per token of the vocabulary, in the order of ids; the rows are those it was learned from. Tabs,
 * line ends and backslashes are written \t, \n, \r and \\; a byte-pair token at the end of a word ends in </w>; tokens that the rows
 * do not hold (of a pretrained encoder) stay empty. 0 or -ENOMEM. */
int spelling_print(struct text *out, const struct inventory *inventory, const struct token_options *options,
        const struct text_rows *rows);

#endif
