/* What a tokenizer consists of, for those who read and write its files. */
#ifndef WORKER_TOKENIZERS_TOKENIZER_PARTS_H
#define WORKER_TOKENIZERS_TOKENIZER_PARTS_H

#include "worker/tokenizers/added_tokens.h"
#include "worker/tokenizers/normalizer.h"
#include "worker/tokenizers/splitter.h"
#include "worker/tokenizers/tokenizer_files.h"
#include "worker/tokenizers/tokenizer_special.h"
#include "worker/tokenizers/word_model.h"

struct tokenizer {
	struct normalizer normalizer;
	struct splitter splitter;
	struct word_model model;
	struct added_tokens added;
	int specials[TOKENIZER_SPECIALS]; /* PIECE_NONE = has none */
	size_t size;
	struct tokenizer_files files; /* as they were read */
	size_t first_new;             /* of added.tokens: what tokenizer_add has added */
};

/* The id of what is written so: an added token's or a piece's; PIECE_NONE. */
int tokenizer_parts_find(const struct tokenizer *tokenizer, const char *text);

/* Puts a token that the files name among the added ones, and its id into the size. 0; -EINVAL for a
 * content or an id that cannot be; -ENOMEM. */
int tokenizer_parts_put(struct tokenizer *tokenizer, const struct added_token *token);

#endif
