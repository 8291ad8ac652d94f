/* A file in which a trainer keeps its score. It is a state, not a log: it may grow, be written
 * anew, be replaced by another of its name, hold one JSON object over several lines, or JSON lines,
 * or a list of objects. What was not there the last time is heard. */
#ifndef WORKER_AGENT_REPORT_FILE_H
#define WORKER_AGENT_REPORT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "schema/base/error.h"
#include "schema/base/text.h"

#define REPORT_FILE_MAX_BYTES ((size_t)16 << 20)

struct report_file {
	const char *path; /* borrowed */
	struct stat seen; /* when it was read last; zeroed = never */
	struct text content;
	size_t heard_bytes;   /* from the start: what was heard … */
	uint64_t heard_hash;  /* … and what it was */
	size_t heard_items;   /* of a list */
	bool half;            /* the end may be half a line: look again even if nothing changes */
	struct error trouble; /* why it cannot be heard; "" = nothing wrong */
};

/* Names the file; nothing is opened. */
void report_file_init(struct report_file *file, const char *path);
void report_file_finish(struct report_file *file);

/* Looks whether something is new and calls `each` for every line, object or item of it. `last`: the
 * program has ended, so half a line is a line. A file that is not there, no regular one or larger
 * than the limit is heard of in file->trouble only. */
void report_file_look(
        struct report_file *file, bool last, void (*each)(void *context, const char *text), void *context);

#endif
