/* Columns that line up, Hangul included, and fit the terminal. */
#ifndef CLI_TERMINAL_TABLE_H
#define CLI_TERMINAL_TABLE_H

#include "cli/terminal/output.h"
#include "schema/base/arena.h"

struct column {
	const char *title;
	bool right;                            /* numbers */
	bool flexible;                         /* gives way when the line is too long */
	enum style (*style)(const char *cell); /* or NULL */
};

struct table {
	struct arena arena;
	const struct column *columns; /* (column_count), borrowed */
	size_t column_count, row_count, row_capacity;
	const char **cells; /* (row_capacity, column_count); owned array, strings in the arena */
	bool failed;        /* an add ran out of memory; printing then says so */
};

/* An empty table / frees it (a zeroed one is fine). */
void table_init(struct table *table, const struct column *columns, size_t column_count);
void table_finish(struct table *table);

/* Adds a row: column_count strings, copied without control characters; NULL is "". */
void table_add(struct table *table, const char *const *cells);

/* Prints titles and rows: columns two spaces apart, flexible ones narrowed until the lines fit
 * output->width. Returns an exit code. */
int table_print(const struct table *table, const struct output *output);

#endif
