/* The table of commands: one file each. */
#ifndef CLI_COMMANDS_COMMANDS_H
#define CLI_COMMANDS_COMMANDS_H

#include "cli/command_line/verb.h"

/* In the order of help; ended by NULL. */
extern const struct verb *const commands[];

#endif
