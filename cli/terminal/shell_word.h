/* Words that a shell reads back as they are. */
#ifndef CLI_TERMINAL_SHELL_WORD_H
#define CLI_TERMINAL_SHELL_WORD_H

#include "schema/base/text.h"

/* Appends `word` in single quotes. */
void shell_word_quote(struct text *out, const char *word);

/* Appends `word` as it is where a shell reads it as one word, else in single quotes. */
void shell_word_append(struct text *out, const char *word);

#endif
