#include "schema/transport/frame.h"

#include <errno.h>
#include <string.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"

void frame_reader_finish(struct frame_reader *reader)
{
	memory_free(reader->data);
	*reader = FRAME_READER_NULL;
}

/* Moves what is left to the front before growing, so that the buffer stays as small as the longest
 * line plus one read. */
static int make_room(struct frame_reader *reader, size_t more)
{
	if (reader->start > 0) {
		memmove(reader->data, reader->data + reader->start, reader->length - reader->start);
		reader->length -= reader->start;
		reader->scanned -= reader->start;
		reader->start = 0;
	}
	return array_reserve(reader->data, &reader->capacity, reader->length + more);
}

/* Counts on from the bytes already scanned, so that a line which comes in crumbs is counted
 * once. */
static int check_limit(const struct frame_reader *reader)
{
	const size_t limit = reader->limit ? reader->limit : FRAME_MAX_BYTES;
	if (reader->scanned == reader->length)
		return 0;
	const char *at = reader->data + reader->scanned, *end = reader->data + reader->length;
	for (size_t line = reader->scanned - reader->start; at < end; line = 0) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		if (line + (size_t)((newline ? newline : end) - at) > limit)
			return -EMSGSIZE;
		at = newline ? newline + 1 : end;
	}
	return 0;
}

int frame_reader_push(struct frame_reader *reader, const char *bytes, size_t length)
{
	int rc = make_room(reader, length);
	if (rc < 0)
		return rc;
	if (length)
		memcpy(reader->data + reader->length, bytes, length);
	reader->length += length;
	return check_limit(reader);
}

static char *cut_line(struct frame_reader *reader, size_t end, size_t *length)
{
	char *line = reader->data + reader->start;
	size_t count = end - reader->start;
	if (count > 0 && line[count - 1] == '\r')
		count--;
	line[count] = '\0';
	reader->start = reader->scanned = end + 1;
	*length = count;
	return line;
}

char *frame_reader_next(struct frame_reader *reader, size_t *length)
{
	for (;;) {
		size_t left = reader->length - reader->scanned;
		char *newline = left ? memchr(reader->data + reader->scanned, '\n', left) : NULL;
		if (!newline) {
			reader->scanned = reader->length;
			return NULL;
		}
		char *line = cut_line(reader, (size_t)(newline - reader->data), length);
		if (*length > 0)
			return line;
	}
}

bool frame_reader_is_empty(const struct frame_reader *reader)
{
	return reader->start == reader->length;
}
