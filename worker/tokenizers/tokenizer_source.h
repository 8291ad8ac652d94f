/* Reads what a tokenizer consists of from the files that it has: one source of its vocabulary, and
 * what the files beside it say of special tokens. */
#ifndef WORKER_TOKENIZERS_TOKENIZER_SOURCE_H
#define WORKER_TOKENIZERS_TOKENIZER_SOURCE_H

#include "worker/tokenizers/tokenizer_parts.h"

/* Fills the zeroed parts. 0; -ENOENT with a sentence when no file holds a vocabulary; -EINVAL with
 * a sentence that names file, key and what was expected; -ENOMEM. */
int tokenizer_source_read(struct tokenizer *tokenizer, struct error *error);

#endif
