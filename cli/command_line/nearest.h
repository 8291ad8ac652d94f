/* The word somebody probably meant. */
#ifndef CLI_COMMAND_LINE_NEAREST_H
#define CLI_COMMAND_LINE_NEAREST_H

#include "cli/command_line/verb.h"

/* The command of a table ended by NULL that is nearest to `word`, or NULL when none is near. */
const char *nearest_verb(const struct verb *const *verbs, const char *word);

#endif
