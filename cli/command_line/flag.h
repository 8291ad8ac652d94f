/* One row of an option table: the parser, help, completion and the man page test all read it. */
#ifndef CLI_COMMAND_LINE_FLAG_H
#define CLI_COMMAND_LINE_FLAG_H

#include <stdbool.h>

enum flag_kind { FLAG_SWITCH, FLAG_TEXT, FLAG_WORD, FLAG_COUNT };

struct flag {
	const char *name; /* without its dashes; NULL ends a table */
	enum flag_kind kind;
	const char *
	        argument; /* as help shows it: "DIR", "csv|json|db" (FLAG_WORD: the words allowed); NULL for switches */
	const char *fallback; /* its value when it is absent; NULL = none */
	const char *help;     /* one line without a full stop */
};

/* The options that every command takes. */
extern const struct flag global_flags[];

/* The row called `name` (`length` bytes), or NULL. A NULL table has no rows. */
const struct flag *flag_find(const struct flag *table, const char *name, unsigned long length);

/* True when the flag can have that value: a word of the table, a whole number of 0 or more, any text. */
bool flag_accepts(const struct flag *flag, const char *value);

#endif
