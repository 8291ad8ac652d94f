/* The end of what a program wrote, kept in a fixed place: the reason of a failure. */
#ifndef WORKER_AGENT_TAIL_H
#define WORKER_AGENT_TAIL_H

#include <stddef.h>

#define TAIL_BYTES 2048

struct tail {
	char bytes[TAIL_BYTES]; /* a ring */
	size_t written_bytes;   /* ever */
};

/* Adds bytes; older ones fall out. A zeroed tail is empty. */
void tail_push(struct tail *tail, const char *bytes, size_t length);

/* The kept end as NUL-terminated, valid UTF-8: whole lines where possible, no white space at the
 * end, control characters but newline and tab dropped, malformed bytes as U+FFFD. */
#define TAIL_TEXT_BYTES (3 * TAIL_BYTES + 1)
void tail_text(const struct tail *tail, char out[TAIL_TEXT_BYTES]);

#endif
