/* The first line of a script: `#!`, the program that runs it, and one argument. */
#ifndef CLI_SESSION_FIRST_LINE_H
#define CLI_SESSION_FIRST_LINE_H

#include <stdbool.h>

#include "schema/base/arena.h"

struct first_line {
	const char *interpreter; /* NULL = the file is no script of that kind */
	const char *argument;    /* the rest of the line as one word, as Linux passes it; NULL = none */
	bool carriage_return;    /* the line ends as on Windows: the system takes that for a name's */
	bool binary;             /* the file has bytes that no text has */
};

/* Reads it; what cannot be read has none. Strings are in the arena. 0 or -ENOMEM. */
int first_line_read(struct first_line *out, struct arena *arena, const char *path);

#endif
