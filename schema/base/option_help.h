/* Options as --help shows them. */
#ifndef SCHEMA_BASE_OPTION_HELP_H
#define SCHEMA_BASE_OPTION_HELP_H

#include "schema/base/option.h"

/* Appends "left right" with `right` in a column of its own; a left side that is too long gets a
 * line of its own. */
void help_pair(const char *left, const char *right, struct text *out);

/* Appends one line per option: "  --name UNIT    meaning (default X)". */
void options_help_brief(const struct option_group *group, struct text *out);

/* Appends the title and two lines per option: name, type, bounds and unit; meaning and default. */
void options_help(const struct option_group *group, struct text *out);

#endif
