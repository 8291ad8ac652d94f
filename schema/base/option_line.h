/* Command lines, read against option tables: --name=value, --name value, --name for what takes no
 * value, -h for --help; whatever else is an operand, and "--" ends the options. */
#ifndef SCHEMA_BASE_OPTION_LINE_H
#define SCHEMA_BASE_OPTION_LINE_H

#include "schema/base/option.h"

/* What reads a line. */
struct option_line {
	const struct option_group *groups; /* (count): an option is the first one's that knows it */
	size_t count;
	/* A word that is no option: 0, or -EINVAL with a sentence. NULL: there are none. */
	int (*operand)(void *context, const char *word, struct error *error);
	/* Keeps the value of an option ("" for one that takes none); NULL: option_set. */
	int (*keep)(void *context, const struct option *option, const char *value, struct error *error);
	/* Appends where else an unknown option belongs, as a sentence's end; NULL: nobody knows. */
	void (*elsewhere)(void *context, const char *name, size_t length, struct text *out);
	void *context;
};

/* Reads argv (ended by NULL; argv[0] is the first word, not the program). 0, or -EINVAL with a
 * sentence that names the option, what was expected, and the one that may have been meant; or what
 * the functions above say. */
int option_line_read(const struct option_line *line, const char *const *argv, struct error *error);

/* The values that argv gives the option `name`, one by one: NULL after the last. */
const char *option_line_nth(const char *const *argv, const char *name, size_t n);

/* The last value that argv gives the option `name`, or NULL. */
const char *option_line_last(const char *const *argv, const char *name);

/* True when help is asked for anywhere: --help or -h. */
bool option_line_wants_help(const char *const *argv);

#endif
