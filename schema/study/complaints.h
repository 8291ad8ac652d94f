/* What is wrong with a study file, each with its place. */
#ifndef SCHEMA_STUDY_COMPLAINTS_H
#define SCHEMA_STUDY_COMPLAINTS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include "schema/base/arena.h"
#include "schema/base/text.h"

enum { STUDY_FILE_WRONG = 400 }; /* the outcome where there are errors */

enum complaint_kind { COMPLAINT_ERROR, COMPLAINT_WARNING };

struct complaint {
	enum complaint_kind kind;
	size_t line, column; /* 1-based; 0 when the place is not known (JSON from the wire) */
	const char *path;    /* "parameters.lr.max" */
	const char *text;    /* one sentence: what is wrong, what was expected */
};

struct complaints {
	struct arena arena;
	const char *file; /* as given; "" for JSON from the wire */
	size_t count, error_count;
	struct complaint *items; /* in the order of their places */
	bool failed;             /* out of memory while complaining */
};

/* Adds a complaint: kind and place of `at`, whose path is copied, and a sentence (printf format).
 * Out of memory is remembered in complaints->failed. */
void complaints_add(struct complaints *complaints, const struct complaint *at, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
void complaints_add_list(struct complaints *complaints, const struct complaint *at, const char *format, va_list args);

/* Puts the complaints in the order of their places. */
void complaints_sort(struct complaints *complaints);

/* Frees the list; a zeroed one is fine. */
void complaints_finish(struct complaints *complaints);

/* Appends "file:line:column: error: path: text\n" per complaint (warnings say "warning"). */
void complaints_append_text(const struct complaints *complaints, struct text *out);

#endif
