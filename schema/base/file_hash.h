/* What a file holds, as a hash. */
#ifndef SCHEMA_BASE_FILE_HASH_H
#define SCHEMA_BASE_FILE_HASH_H

#include <stdint.h>

#include "schema/base/sha256.h"

/* The digest of a regular file and how many bytes it has, read piece by piece. 0; -EINVAL for what
 * is no regular file, another negative errno. */
int file_hash(char out[SHA256_HEX_BYTES], int64_t *size_bytes, const char *path);

#endif
