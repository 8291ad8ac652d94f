/* The rows of STUDY_FILE.md, printed from the tables that drive the reader. */
#ifndef TESTS_SCHEMA_STUDY_ROWS_H
#define TESTS_SCHEMA_STUDY_ROWS_H

#include "schema/study/keys.h"

/* Append one table row: name, type, default, bounds, example, help. */
void row_append_key(const struct key *key, struct text *out);
void row_append_option(const struct option *option, struct text *out);
void row_append_method(const struct method_info *info, struct text *out);

#endif
