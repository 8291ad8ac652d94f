/* Rows as the token ids of a pretrained encoder: the sentence in Unicode's normal form C with marks
 * written around its entities, cut by the tokenizer, between [CLS] and [SEP]. */
#ifndef WORKER_TOKENIZERS_MARKED_TEXT_H
#define WORKER_TOKENIZERS_MARKED_TEXT_H

#include "worker/text/row.h"
#include "worker/text/token_options.h"
#include "worker/text/tokens.h"
#include "worker/tokenizers/tokenizer.h"

/* How entities are marked: those of token_markers, in its order, and `added`, whose marks are
 * tokens of their own. The options' marker is an index into these. Of entities without types no
 * type is written, nor what would stand around it. Ended by NULL. */
extern const char *const marked_text_markers[];
enum { MARKED_TEXT_ADDED = 7 };

/* The fewest tokens that a sentence may be cut to. */
enum { MARKED_TEXT_LEAST = 4 };

/* Adds the tokens that the options' marker needs; the tokenizer may then be larger than the
 * encoder's table. 0 or -ENOMEM. */
int marked_text_prepare(struct tokenizer *tokenizer, const struct token_options *options);

/* The rows in the tokenizer's ids; places hold their entities and the marks. Sentences of more than
 * options->most tokens keep [CLS], [SEP] and the part around their entities. Of the options only
 * marker and most are looked at. 0; -EFBIG for a sentence of 4 GiB; -ENOMEM (empty). */
int marked_text_encode(struct tokens *out, const struct tokenizer *tokenizer, const struct token_options *options,
        const struct text_rows *rows);

#endif
