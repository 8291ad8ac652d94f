/* Base64 (RFC 4648, §4): bytes in JSON. */
#ifndef SCHEMA_BASE_BASE64_H
#define SCHEMA_BASE_BASE64_H

#include <stddef.h>

/* How many characters `length` bytes become, without a NUL; and the most bytes that so many
 * characters become. */
#define BASE64_LENGTH(length) (((length) + 2) / 3 * 4)
#define BASE64_BYTES(length) ((length) / 4 * 3)

/* Writes BASE64_LENGTH(length) characters and a NUL. */
void base64_write(char *out, const void *bytes, size_t length);

/* Reads `length` characters into `out` (room for BASE64_BYTES). 0 and how many bytes they are;
 * -EINVAL for anything but whole groups of four of the alphabet, with = only where the last bytes
 * are missing. */
int base64_read(void *out, size_t *out_length, const char *text, size_t length);

#endif
