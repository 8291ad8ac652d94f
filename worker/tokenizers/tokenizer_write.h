/* A tokenizer's files again: as they were read, with what was added put in. */
#ifndef WORKER_TOKENIZERS_TOKENIZER_WRITE_H
#define WORKER_TOKENIZERS_TOKENIZER_WRITE_H

#include "schema/base/error.h"
#include "schema/base/sha256.h"

struct tokenizer;

/* Writes the tokenizer's files into the folder: byte for byte those that were read, but that added
 * tokens are put into tokenizer.json and added_tokens.json. 0 or -errno with a sentence. */
int tokenizer_write(const struct tokenizer *tokenizer, const char *folder, struct error *error);

/* The digest of the files as tokenizer_write would write them. 0 or -ENOMEM. */
int tokenizer_digest(char out[SHA256_HEX_BYTES], const struct tokenizer *tokenizer);

#endif
