/* Options as tables: what one is called, what it may be, what it means. The command lines of all
 * programs, their help, saved models and the methods of study files read the same kind of rows. */
#ifndef SCHEMA_BASE_OPTION_H
#define SCHEMA_BASE_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/error.h"
#include "schema/base/text.h"

enum option_kind {
	OPTION_TEXT,    /* const char *, borrowed from where it was set; NULL = not given */
	OPTION_INTEGER, /* int64_t */
	OPTION_NUMBER,  /* double */
	OPTION_SWITCH,  /* bool: true or false */
	OPTION_BARE,    /* bool: true when it is there; takes no value */
	OPTION_CHOICE,  /* int: index into choices */
	OPTION_TEXTS,   /* struct option_texts: may be given several times */
	OPTION_NUMBERS, /* a list of numbers, in study files only */
};

struct option {
	const char *name; /* "learning_rate"; on command lines `-` and `_` are the same */
	enum option_kind kind;
	size_t offset;              /* of the value in the struct of values */
	const char *fallback;       /* the default, as a person would write it; NULL = none */
	double min, max;            /* bounds of numbers, both allowed */
	const char *const *choices; /* ended by NULL */
	const char *unit;           /* of the value, as help shows it: "DIR", "rows"; "" when it has none */
	const char *help;           /* one line without a full stop */
};

/* The choices of a row. */
#define OPTION_CHOICES(...)                                                                                            \
	(const char *const[])                                                                                          \
	{                                                                                                              \
		__VA_ARGS__, NULL                                                                                      \
	}

#define OPTION_TEXTS_MAX 64

/* Texts in the order given. */
struct option_texts {
	size_t count;
	const char *items[OPTION_TEXTS_MAX + 1]; /* ended by NULL */
};

/* A table and the struct its offsets point into. */
struct option_group {
	const char *title;
	const struct option *options; /* (count) */
	size_t count;
	void *values; /* borrowed */
};

/* Sets every value that has a default to it; the others are as they were. */
void options_set_defaults(const struct option_group *group);

/* The option called `name` (its first `length` bytes; `-` and `_` are the same), or NULL. */
const struct option *option_find(const struct option_group *group, const char *name, size_t length);

/* Reads `value` the way Python's str() or a person writes it (1e-05, True, true, 32, 32.0 for an
 * integer). 0, or -EINVAL with a sentence naming the option and what it may be. */
int option_set(const struct option_group *group, const struct option *option, const char *value, struct error *error);

/* What option_set would say, without setting anything. */
int option_check(const struct option *option, const char *value, struct error *error);

/* Whether the option may be that number, which somebody wrote as `text`: 0, or -EINVAL with the end
 * of a sentence ("12 is outside 1 to 9"). */
int option_check_number(const struct option *option, double number, const char *text, struct error *error);

/* The index of `word`, in small or capital letters, among the choices. -EINVAL with the end of a
 * sentence ("one of a, b or c is expected"). */
int option_find_choice(const struct option *option, const char *word, struct error *error);

/* Appends the present value as option_set reads it. */
void option_print(const struct option_group *group, const struct option *option, struct text *out);

/* Keeps in *best the option nearest to `name` ("did you mean"); see schema/base/nearest.h for
 * `distance`. */
void option_offer(const char **best, size_t *distance, const struct option_group *group, const char *name);

#endif
