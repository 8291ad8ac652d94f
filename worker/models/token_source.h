/* Where a neural model's token ids come from: an inventory that was learned of the training
 * rows, or the tokenizer of a pretrained folder. */
#ifndef WORKER_MODELS_TOKEN_SOURCE_H
#define WORKER_MODELS_TOKEN_SOURCE_H

#include "schema/base/text.h"
#include "worker/text/tokens.h"

struct tokenizer;

struct token_source {
	struct token_options options;
	struct inventory inventory;        /* empty with a tokenizer */
	const struct tokenizer *tokenizer; /* borrowed; NULL = the inventory */
};

#define TOKEN_SOURCE_NULL ((struct token_source){.inventory = {{0}}})

/* Forgets the inventory; a zeroed source is fine. */
void token_source_finish(struct token_source *source);

/* Learns the inventory of the rows; a tokenizer has nothing to learn. 0 or -ENOMEM. */
int token_source_learn(struct token_source *source, const struct text_rows *rows);

/* The rows in token ids. 0 or -ENOMEM (empty). */
int token_source_encode(struct tokens *out, const struct token_source *source, const struct text_rows *rows);

/* Rows of a table with a vector for every id, padding and unknown among them. */
size_t token_source_size(const struct token_source *source);

/* Appends the tokens as people write them, one line "id<TAB>token" each; nothing for a
 * tokenizer, which has files of its own. 0 or -ENOMEM. */
int token_source_spell(struct text *out, const struct token_source *source, const struct text_rows *rows);

/* Appends lines for people: what a tokenizer makes of the first row, and what it warns of where
 * that concerns the rows, whose tokens are given. */
void token_source_sample(
        struct text *out, const struct token_source *source, const struct text_rows *rows, const struct tokens *tokens);

#endif
