/* The regular expression by which a study finds its score in what a program prints: POSIX extended,
 * with one group around the number. Most people know Python's expressions, and some of those mean
 * something else here; others would cost a worker its memory or its time. */
#ifndef SCHEMA_STUDY_REPORT_PATTERN_H
#define SCHEMA_STUDY_REPORT_PATTERN_H

#include <regex.h>

#include "schema/base/error.h"

#define REPORT_PATTERN_MAX_BYTES 500
#define REPORT_PATTERN_MAX_COST 1000 /* characters and sets, repetitions written out */

/* Looks at the expression without compiling it, which a daemon never does: one group; no back
 * reference; nothing that POSIX reads otherwise than Python (\d, *?, (?: …); no more than the
 * limits above. 0, or -EINVAL with what is wrong and what to write instead. */
int report_pattern_check(const char *pattern, struct error *error);

/* Compiles an expression that was checked; regfree ends it. 0, or -EINVAL with what regcomp
 * says. */
int report_pattern_compile(regex_t *out, const char *pattern, struct error *error);

#endif
