/* Vocabularies for people: models know their tokens by hashes; here they are written out. */
#ifndef WORKER_TEXT_SPELLING_H
#define WORKER_TEXT_SPELLING_H

#include "schema/base/text.h"
#include "worker/text/tokens.h"

/* Appends a line "id<TAB>token" per token of the vocabulary that the rows hold, in the order of
 * ids: all where it was learned from them, not those of a pretrained encoder or of vectors of words
 * alone. Tabs, line ends and backslashes are written \t, \n, \r and \\; a byte-pair token at the
 * end of a word ends in </w>. 0 or -ENOMEM. */
int spelling_print(struct text *out, const struct inventory *inventory, const struct token_options *options,
        const struct text_rows *rows);

#endif
