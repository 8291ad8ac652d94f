/* A command line, checked against the tables of options and commands. */
#ifndef CLI_COMMAND_LINE_ARGUMENTS_H
#define CLI_COMMAND_LINE_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/error.h"
#include "schema/base/option.h"

struct verb;

struct argument_value {
	const struct option *option;
	const char *value; /* borrowed from argv; "" for one that takes none */
};

struct arguments {
	const struct verb *const *verbs; /* the table of commands, ended by NULL; borrowed */
	const struct verb *verb;         /* NULL: no command was given */
	struct option_group groups[2];   /* what may stand in the line: its options, and those of every command */
	size_t operand_count;
	const char **operands; /* owned array of borrowed words */
	size_t value_count;
	struct argument_value *values; /* owned, in the order given */
};

/* Reads argv[1…] (ended by NULL) against the table of commands: options (--name VALUE,
 * --name=VALUE, -h) may stand anywhere, "--" ends them, "-0.5" is an operand. 0; -EINVAL with a
 * sentence (and a suggestion for a word that is nearly right); -ENOMEM. On failure out->verb is
 * still set when the command is known; finish in any case. */
int arguments_parse(struct arguments *out, const struct verb *const *verbs, char **argv, struct error *error);

/* Frees the arrays; zeroed arguments are fine. */
void arguments_finish(struct arguments *arguments);

/* The last value given for an option, else its fallback (may be NULL); whether a switch was given;
 * a whole-number option as a number (−1 when absent without fallback). The name must be in the
 * tables (asserted). */
const char *arguments_text(const struct arguments *arguments, const char *name);
bool arguments_switch(const struct arguments *arguments, const char *name);
int64_t arguments_count(const struct arguments *arguments, const char *name);

/* All values given for an option, in their order; as many as there is room for. */
void arguments_texts(struct option_texts *out, const struct arguments *arguments, const char *name);

/* The operand with that index, or NULL. */
const char *arguments_operand(const struct arguments *arguments, size_t index);

#endif
