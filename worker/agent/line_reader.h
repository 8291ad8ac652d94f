/* Cuts what a program prints into lines. Unlike the wire it must live with anything: progress bars
 * (\r ends a line too) and endless lines (dropped and
 * counted). */
#ifndef WORKER_AGENT_LINE_READER_H
#define WORKER_AGENT_LINE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/text.h"

#define LINE_READER_MAX_BYTES ((size_t)1 << 20)

struct line_reader {
	struct text line;      /* what came since the last line's end */
	bool too_long;         /* the rest of this line is dropped */
	int64_t dropped_count; /* lines that were too long */
};

/* Frees the half line; a zeroed reader is fine. */
void line_reader_finish(struct line_reader *reader);

/* Adds bytes and calls `each` for every non-empty line they end. Lines beyond the limit and those
 * that memory does not suffice for are dropped. A zeroed reader is empty. */
void line_reader_push(struct line_reader *reader, const char *bytes, size_t length,
        void (*each)(void *context, const char *line), void *context);

/* Ends the last line, if the program did not. */
void line_reader_flush(struct line_reader *reader, void (*each)(void *context, const char *line), void *context);

#endif
