/* UTF-8 as code points: entity offsets, column widths and JSON escapes all count those. */
#ifndef SCHEMA_BASE_UTF8_H
#define SCHEMA_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes the code point at *at (< end) and moves *at behind it. A malformed sequence (overlong,
 * surrogate, cut) gives U+FFFD and moves by one byte. */
uint32_t utf8_next(const char **at, const char *end);

/* Encodes `code` into `out` (room for 4 bytes) and returns the number of bytes. */
size_t utf8_encode(uint32_t code, char out[4]);

/* True when the `length` bytes are well-formed UTF-8. */
bool utf8_valid(const char *bytes, size_t length);

/* The length of the byte order mark that some editors put first: 3, or 0 without one. */
size_t utf8_mark_length(const char *bytes, size_t length);

/* True when the bytes begin as UTF-16 does, by its byte order mark or with every other byte 0: they
 * are text, but not ours. */
bool utf8_is_utf16(const char *bytes, size_t length);

/* Of a NUL-terminated string, how many bytes of whole code points there are among the first `most`
 * bytes. */
size_t utf8_cut(const char *string, size_t most);

/* Number of code points of a NUL-terminated string; malformed bytes count one each. */
size_t utf8_count(const char *string);

/* The number of bytes at the start of `string` that are one column each: printable ASCII. */
size_t utf8_plain_span(const char *string);

/* Terminal columns of a string: 2 for East-Asian wide code points (Hangul, Han, kana, full-width),
 * 0 for combining. */
size_t utf8_columns(const char *string);

#endif
