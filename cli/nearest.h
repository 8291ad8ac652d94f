/* The word somebody probably meant. */
#ifndef CLI_NEAREST_H
#define CLI_NEAREST_H

#include "cli/verb.h"

/* Edits (insert, delete, replace, swap of neighbours) between two words; words over 31 bytes count as far apart (SIZE_MAX). */
size_t word_distance(const char *a, const char *b);

/* The command / the option of the tables nearest to `word`, or NULL when none is near (2 edits, and under half the word). */
const char *nearest_verb(const char *word);
const char *nearest_flag(const struct verb *verb, const char *word);

#endif
