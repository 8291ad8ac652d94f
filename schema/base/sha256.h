/* SHA-256 (FIPS 180-4, §6.2): names of files by their content. */
#ifndef SCHEMA_BASE_SHA256_H
#define SCHEMA_BASE_SHA256_H

#include <stddef.h>

/* Room for the digest as hexadecimal digits and a NUL. */
enum { SHA256_HEX_BYTES = 65 };

/* Writes the digest of `length` bytes as 64 small hexadecimal digits and a NUL. */
void sha256_hex(char out[SHA256_HEX_BYTES], const void *bytes, size_t length);

#endif
