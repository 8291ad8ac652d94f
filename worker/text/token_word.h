/* What a word of the text becomes, by unit: a token; a token with its n-grams; byte pairs. */
#ifndef WORKER_TEXT_TOKEN_WORD_H
#define WORKER_TEXT_TOKEN_WORD_H

#include "worker/text/token_options.h"
#include "worker/text/token_view.h"

/* Adds a word (valid UTF-8 in normal form, not empty) in the units of the options. 0 or -ENOMEM. */
int token_view_add_word(struct token_view *view, const struct token_options *options, const char *word, size_t length);

#endif
