/* What a word of the text becomes, by unit: a token; a token with its n-grams; byte pairs. */
#ifndef WORKER_MODELS_TOKEN_WORD_H
#define WORKER_MODELS_TOKEN_WORD_H

#include "worker/models/token_view.h"

/* Adds a token that is called by these bytes. 0 or -ENOMEM. */
int token_view_add(struct token_view *view, const char *bytes, size_t length);

/* Adds a word (valid UTF-8 in normal form, not empty) in the units of the options. 0 or -ENOMEM. */
int token_view_add_word(struct token_view *view, const struct token_options *options, const char *word, size_t length);

#endif
