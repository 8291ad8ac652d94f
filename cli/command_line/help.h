/* Help, printed from the tables of commands (ended by NULL) and options. */
#ifndef CLI_COMMAND_LINE_HELP_H
#define CLI_COMMAND_LINE_HELP_H

#include "cli/command_line/verb.h"
#include "schema/base/text.h"

/* Appends the overview: commands by group, global options, exit codes. */
void help_overview(const struct verb *const *verbs, struct text *out);

/* Appends what one command does and takes. */
void help_verb(const struct verb *verb, struct text *out);

#endif
