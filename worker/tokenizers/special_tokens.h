/* Which tokens are special, by tokenizer_config.json and special_tokens_map.json, and which were
 * added, by these and added_tokens.json. */
#ifndef WORKER_TOKENIZERS_SPECIAL_TOKENS_H
#define WORKER_TOKENIZERS_SPECIAL_TOKENS_H

#include "worker/tokenizers/json_source.h"
#include "worker/tokenizers/tokenizer_parts.h"

/* What the two files say; both may be NULL. */
struct special_sources {
	const struct cJSON *config, *map;
};

/* Puts in what was added to the vocabulary behind tokenizer.json's back: for the other sources. 0,
 * -EINVAL with a sentence, -ENOMEM. */
int special_tokens_read_added(struct tokenizer *tokenizer, const struct cJSON *config, struct error *error);

/* Finds the special tokens, by their usual names (those of BERT, or else of RoBERTa) where no file
 * names them, and sees to it that they are recognized in texts. 0, -EINVAL with a sentence,
 * -ENOMEM. */
int special_tokens_find(struct tokenizer *tokenizer, const struct special_sources *sources, struct error *error);

#endif
