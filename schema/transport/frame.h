/* Lines in and out of a byte stream: each message is one line of at most FRAME_MAX_BYTES, ended by
 * \n. */
#ifndef SCHEMA_TRANSPORT_FRAME_H
#define SCHEMA_TRANSPORT_FRAME_H

#include <stdbool.h>
#include <stddef.h>

#define FRAME_MAX_BYTES (1u << 20)

/* Bytes that arrived and are not yet whole lines. */
struct frame_reader {
	char *data; /* owned */
	size_t start, length, capacity;
	size_t scanned; /* bytes already known to hold no newline */
	size_t limit;   /* of a line, in bytes; 0 = FRAME_MAX_BYTES */
};

#define FRAME_READER_NULL ((struct frame_reader){0})

/* Frees the bytes; a zeroed reader is fine. */
void frame_reader_finish(struct frame_reader *reader);

/* Adds bytes as they come. 0, -ENOMEM, or -EMSGSIZE once a line passes the limit (the stream is
 * then useless). */
int frame_reader_push(struct frame_reader *reader, const char *bytes, size_t length);

/* The next whole line without its newline (and without a \r before it), NUL-terminated, valid until
 * the next push; NULL when there is none. Empty lines are skipped. */
char *frame_reader_next(struct frame_reader *reader, size_t *length);

/* True when nothing is left, not even the beginning of a line. */
bool frame_reader_is_empty(const struct frame_reader *reader);

#endif
