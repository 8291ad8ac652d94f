/* tokenizer.json: everything in one file, as huggingface/tokenizers writes it. Its padding,
 * truncation, post_processor and decoder are not looked at. */
#ifndef WORKER_TOKENIZERS_TOKENIZER_JSON_H
#define WORKER_TOKENIZERS_TOKENIZER_JSON_H

#include "worker/tokenizers/json_source.h"
#include "worker/tokenizers/tokenizer_parts.h"

/* Fills the tokenizer's zeroed parts. 0; -EINVAL with a sentence for what is not known here or
 * wrong; -ENOMEM. */
int tokenizer_json_read(struct tokenizer *tokenizer, const struct json_source *source, const struct cJSON *root);

/* An object of pieces by text with their ids, as in vocab.json. 0, -EINVAL with a sentence,
 * -ENOMEM. */
int tokenizer_json_pieces(struct piece_list *out, const struct json_source *source, const struct cJSON *pieces);

/* Puts the token that an object of `added_tokens` describes, with the given id, if that is not
 * negative, in place of its own. 0, -EINVAL with a sentence, -ENOMEM. */
int tokenizer_json_put(
        struct tokenizer *tokenizer, const struct json_source *source, const struct cJSON *object, int id);

/* The number's value when it is whole and in 0 … most, else -1. */
int tokenizer_json_count(const struct cJSON *number, int most);

#endif
