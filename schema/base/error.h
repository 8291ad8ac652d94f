/* Errors: what every function that can fail returns, and the sentence for the person who reads it.
 *
 * The algebra (the same in every room):
 *    0         success
 *    negative  fatal for the operation: a negated errno (-ENOMEM, -EIO, …), passed up unchanged
 *    positive  a documented outcome of that one function, handled by its caller
 * Functions at edges that face people also fill a struct error with one plain sentence. */
#ifndef SCHEMA_BASE_ERROR_H
#define SCHEMA_BASE_ERROR_H

#define ERROR_TEXT_BYTES 512

struct error {
	char text[ERROR_TEXT_BYTES]; /* UTF-8, cut at a code-point boundary when too long; "" = no error */
};

/* Writes the sentence into `error` (may be NULL: then it is dropped) and returns `code`, so that failing
 * paths are one line: return error_set(error, -EINVAL, "…"). printf format. */
int error_set(struct error *error, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* error_set with the one sentence for a lack of memory; returns -ENOMEM. */
int error_no_memory(struct error *error);

/* Puts "`prefix`: " in front of the sentence already in `error` (NULL allowed); returns `code`. */
int error_prefix(struct error *error, int code, const char *prefix);

#endif
