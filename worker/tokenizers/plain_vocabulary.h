/* Vocabularies as the first programs kept them: BERT's vocab.txt, a piece a line; GPT-2's
 * vocab.json with merges.txt, a merge a line. */
#ifndef WORKER_TOKENIZERS_PLAIN_VOCABULARY_H
#define WORKER_TOKENIZERS_PLAIN_VOCABULARY_H

#include "worker/tokenizers/json_source.h"
#include "worker/tokenizers/tokenizer_parts.h"

/* Fill the tokenizer's zeroed parts from its files and from `config`, the object of
 * tokenizer_config.json (NULL = there is none). 0; -EINVAL with a sentence; -ENOMEM. */
int plain_vocabulary_word_pieces(struct tokenizer *tokenizer, const struct cJSON *config, struct error *error);
int plain_vocabulary_byte_pairs(struct tokenizer *tokenizer, const struct cJSON *config, struct error *error);

#endif
