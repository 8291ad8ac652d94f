/* Where results and remarks go, and how they look: a terminal, a pipe, or JSON for a program. */
#ifndef CLI_TERMINAL_OUTPUT_H
#define CLI_TERMINAL_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "schema/base/text.h"

enum style { STYLE_PLAIN, STYLE_BOLD, STYLE_DIM, STYLE_GOOD, STYLE_BAD, STYLE_NOTE };

struct output {
	FILE *results, *remarks; /* borrowed: stdout and stderr */
	bool json, quiet;
	bool colour;   /* styles are written */
	bool terminal; /* results go to one … */
	bool screen;   /* … that can be drawn on: it knows escapes */
	size_t width;  /* columns of the terminal; SIZE_MAX when there is none */
};

/* Looks at the streams, the environment (NO_COLOR, COLUMNS, TERM) and the word of --color. */
void output_init(struct output *out, const char *colour);

/* The columns the terminal has now. */
size_t output_width(const struct output *output);

/* The escape that switches a style on, "" when there are no colours; STYLE_PLAIN switches back. */
const char *output_style(const struct output *output, enum style style);

/* False once whoever read the results has gone (`| head`). */
bool output_is_read(const struct output *output);

/* Writes the text to the results; one that failed for want of memory is reported and gives
 * -ENOMEM. */
int output_text(const struct output *output, const struct text *text);

/* One line of results / of remarks (these not when quiet or in JSON). printf format, newline
 * added. */
void output_line(const struct output *output, const char *format, ...) __attribute__((format(printf, 2, 3)));
void output_remark(const struct output *output, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Says on stderr what went wrong ("kre-search: …", or {"error":…,"exit":…} with --json); returns
 * `exit_code`. */
int output_failure(const struct output *output, int exit_code, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* output_failure with the one sentence for a lack of memory; returns EXIT_FAILED. */
int output_no_memory(const struct output *output);

#endif
