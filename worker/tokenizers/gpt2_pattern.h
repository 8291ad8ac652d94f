/* The pattern of GPT-2's words, which RoBERTa uses:
 * 's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
 * Source: openai/gpt-2, encoder.py. */
#ifndef WORKER_TOKENIZERS_GPT2_PATTERN_H
#define WORKER_TOKENIZERS_GPT2_PATTERN_H

#include <stddef.h>

/* The length of the word at the beginning of the text, which is not empty. */
size_t gpt2_pattern_match(const char *text, size_t length);

#endif
