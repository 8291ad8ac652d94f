/* Kinds of code points as the tokenizers of pretrained encoders tell them apart. */
#ifndef WORKER_TOKENIZERS_CHARACTERS_H
#define WORKER_TOKENIZERS_CHARACTERS_H

#include <stdbool.h>
#include <stdint.h>

/* Unicode's property White_Space. */
bool code_is_white(uint32_t code);

/* What BERT drops: NUL, U+FFFD and the categories Cc, Cf and Co, but for tab, line feed and
 * carriage return. */
bool code_is_control(uint32_t code);

/* What BERT makes words of their own: the category P and ASCII's signs. */
bool code_is_punctuation(uint32_t code);

/* A Han character, of the blocks that BERT's authors list (huggingface/tokenizers begins one of
 * them 0x100 later). */
bool code_is_han(uint32_t code);

/* By general category: L; N; Mn; M. */
bool code_is_letter(uint32_t code);
bool code_is_number(uint32_t code);
bool code_is_nonspacing(uint32_t code);
bool code_is_mark(uint32_t code);

/* \w of regular expressions: letters, marks, decimal digits, connectors. */
bool code_is_word(uint32_t code);

#endif
