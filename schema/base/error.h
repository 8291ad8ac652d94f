/* Errors: what every function that can fail returns, and the sentence for the person who reads it.
 *
 * The algebra (the same in every room):
 *    0         success
 *    negative  fatal for the operation: a negated errno (-ENOMEM, -EIO, …), passed up unchanged
 *    positive  a documented outcome of that one function, handled by its caller. Each room counts its outcomes in a hundred of its
 *              own, so that none can pass for another room's; where they leave the room, a function translates them
 * Functions at edges that face people also fill a struct error with one plain sentence. It
 * remembers the line of the source where it began, for developers; more general sentences that are
 * put in its place later (error_fold, error_prefix) keep that. */
#ifndef SCHEMA_BASE_ERROR_H
#define SCHEMA_BASE_ERROR_H

#include <errno.h>

#define ERROR_TEXT_BYTES 512

struct error {
	char text[ERROR_TEXT_BYTES]; /* UTF-8, cut at a code-point boundary when too long; "" = no error */
	const char *place;           /* where it began; static, NULL = nowhere known */
};

/* The line at hand as "folder/file.c:12". */
#define ERROR_LINE_TEXT(line) #line
#define ERROR_LINE(line) ERROR_LINE_TEXT(line)
#define ERROR_HERE __FILE__ ":" ERROR_LINE(__LINE__)

/* error_set(error, code, format, …): an error begins here. Writes the sentence into `error` (may be
 * NULL: then it is dropped) and returns `code`, so that failing paths are one line: return
 * error_set(error, -EINVAL, "…"). */
#define error_set(error, ...) error_set_at((error), ERROR_HERE, __VA_ARGS__)
int error_set_at(struct error *error, const char *place, int code, const char *format, ...)
        __attribute__((format(printf, 4, 5)));

/* error_set with the one sentence for a lack of memory; returns -ENOMEM, as also whoever analyses a
 * caller can see. */
#define error_no_memory(error) error_no_memory_at((error), ERROR_HERE)
static inline int error_no_memory_at(struct error *error, const char *place)
{
	error_set_at(error, place, -ENOMEM, "out of memory");
	return -ENOMEM;
}

/* A more general sentence for what `cause` tells, which may be `error` itself (its text too may be
 * among the arguments). `error` may be NULL; returns `code`. */
int error_fold(struct error *error, int code, const struct error *cause, const char *format, ...)
        __attribute__((format(printf, 4, 5)));

/* Puts "`prefix`: " in front of the sentence already in `error` (NULL allowed); returns `code`. */
int error_prefix(struct error *error, int code, const char *prefix);

/* Where the error began, for a developer who reads the log; "" when that is not known. */
const char *error_place(const struct error *error);

#endif
