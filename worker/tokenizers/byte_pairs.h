/* Byte pairs as GPT-2 and RoBERTa cut words: every byte is a symbol, written as one printable code
 * point; the pair of neighbours that was learned first becomes one symbol, again and again.
 * Source: openai/gpt-2, encoder.py. */
#ifndef WORKER_TOKENIZERS_BYTE_PAIRS_H
#define WORKER_TOKENIZERS_BYTE_PAIRS_H

#include "schema/base/error.h"
#include "worker/tokenizers/word_model.h"

/* Makes the model, whose pieces are there, one of byte pairs without merges. 0, or -EINVAL with a
 * sentence when its pieces lack a byte. */
int byte_pairs_init(struct word_model *model, struct error *error);

/* Adds the next merge, of two symbols as they are written. 0; -EINVAL when one of them, or what
 * they become, is no piece; -ENOMEM. */
int byte_pairs_add(struct word_model *model, const char *left, const char *right);

#endif
