/* Options as tables: what a flag is called, what it may be, what it means. Flags, help and saved models all come from
 * the same table. */
#ifndef WORKER_MODELS_OPTION_H
#define WORKER_MODELS_OPTION_H

#include <stddef.h>
#include <stdint.h>

#include "schema/base/error.h"
#include "schema/base/text.h"

enum option_kind {
	OPTION_INTEGER, /* int64_t */
	OPTION_NUMBER,  /* double */
	OPTION_SWITCH,  /* bool */
	OPTION_CHOICE,  /* int: index into choices */
	OPTION_TEXT,    /* const char *, borrowed from where it was set; NULL = not given */
};

struct option {
	const char *name; /* with underscores: "learning_rate" */
	enum option_kind kind;
	size_t offset;              /* of the value in the struct of values */
	const char *fallback;       /* the default, as a person would write it; NULL = none (texts only) */
	double min, max;            /* bounds of numbers, both allowed */
	const char *const *choices; /* ended by NULL */
	const char *unit;           /* "" when it has none */
	const char *help;           /* one line */
};

/* A table and the struct its offsets point into. */
struct option_group {
	const char *title;
	const struct option *options; /* (count) */
	size_t count;
	void *values; /* borrowed */
};

/* Sets every value to its default. */
void options_set_defaults(const struct option_group *group);

/* The option called `name` (its first `length` bytes; `-` and `_` are the same), or NULL. */
const struct option *option_find(const struct option_group *group, const char *name, size_t length);

/* Reads `value` the way Python's str() or a person writes it (1e-05, True, true, 32, 32.0 for an integer). 0, or
 * -EINVAL with a sentence naming the option and what it may be. */
int option_set(const struct option_group *group, const struct option *option, const char *value, struct error *error);

/* Appends the present value as option_set reads it. */
void option_print(const struct option_group *group, const struct option *option, struct text *out);

/* Appends one entry per option for --help: name, type, bounds, unit, default, meaning. */
void options_help(const struct option_group *group, struct text *out);

#endif
