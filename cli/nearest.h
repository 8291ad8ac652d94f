/* The word somebody probably meant. */
#ifndef CLI_NEAREST_H
#define CLI_NEAREST_H

#include "cli/verb.h"

/* The command / the option of the tables nearest to `word`, or NULL when none is near. */
const char *nearest_verb(const char *word);
const char *nearest_flag(const struct verb *verb, const char *word);

#endif
