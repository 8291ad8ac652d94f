#include "worker/agent/tail.h"

#include <stdbool.h>
#include <string.h>

#include "schema/base/utf8.h"

void tail_push(struct tail *tail, const char *bytes, size_t length)
{
	if (length > TAIL_BYTES) {
		tail->written_bytes += length - TAIL_BYTES;
		bytes += length - TAIL_BYTES;
		length = TAIL_BYTES;
	}
	for (size_t i = 0; i < length; i++)
		tail->bytes[tail->written_bytes++ % TAIL_BYTES] = bytes[i];
}

/* Unrolls the ring into `out` and returns the length. */
static size_t unroll(const struct tail *tail, char out[TAIL_BYTES])
{
	size_t length = tail->written_bytes < TAIL_BYTES ? tail->written_bytes : TAIL_BYTES;
	size_t first = tail->written_bytes - length;
	for (size_t i = 0; i < length; i++)
		out[i] = tail->bytes[(first + i) % TAIL_BYTES];
	return length;
}

/* Where the first whole line starts; the ring may have cut one in two. */
static const char *first_line(const char *start, const char *end)
{
	const char *newline = memchr(start, '\n', (size_t)(end - start));
	return newline && newline + 1 < end ? newline + 1 : start;
}

void tail_text(const struct tail *tail, char out[TAIL_TEXT_BYTES])
{
	char flat[TAIL_BYTES];
	size_t length = unroll(tail, flat), used = 0;
	const char *end = flat + length;
	while (end > flat && strchr(" \t\r\n", end[-1]))
		end--;
	const char *at = tail->written_bytes > TAIL_BYTES ? first_line(flat, end) : flat;
	while (at < end) {
		uint32_t code = utf8_next(&at, end);
		bool printable = code >= 0x20 && code != 0x7f;
		if (printable || code == '\n' || code == '\t')
			used += utf8_encode(code, out + used);
	}
	out[used] = '\0';
}
