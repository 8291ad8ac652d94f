/* Help and completion, printed from the tables of commands and options. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli/verb.h"
#include "schema/base/text.h"

/* Appends the overview: commands by group, global options, exit codes. */
void help_overview(struct text *out);

/* Appends what one command does and takes. */
void help_verb(const struct verb *verb, struct text *out);

/* Appends a bash completion script. */
void help_completion(struct text *out);

#endif
