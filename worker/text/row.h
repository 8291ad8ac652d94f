/* A sentence with two marked entities, as every model sees it. */
#ifndef WORKER_TEXT_ROW_H
#define WORKER_TEXT_ROW_H

#include <stddef.h>

struct text_span {
	size_t begin_bytes, end_bytes; /* end exclusive, on code-point boundaries */
	const char *type;              /* "" = none; NULL = the row has no entities, as in plain text */
};

struct text_row {
	const char *sentence; /* valid UTF-8 */
	size_t length_bytes;
	struct text_span subject, object;
	int label; /* class number; not looked at when predicting */
};

struct text_rows {
	const struct text_row *rows; /* (count), borrowed */
	size_t count;
};

#endif
