/* What a blob is called in its store: ab/<sha256>, with .part while it is not whole. */
#ifndef SCHEMA_BLOBS_BLOB_NAME_H
#define SCHEMA_BLOBS_BLOB_NAME_H

#include <stdbool.h>

#include "schema/base/sha256.h"

enum { BLOB_NAME_BYTES = SHA256_HEX_BYTES + 3 + 5 };

/* True for 64 small hexadecimal digits. */
bool blob_is_name(const char *sha256);

/* Writes ab/<sha256>[.part] of a good name (blob_is_name). */
void blob_name(char out[BLOB_NAME_BYTES], const char *sha256, bool partial);

/* Reads <sha256>[.part]. False for other names, and nothing is written. */
bool blob_name_read(char sha256[SHA256_HEX_BYTES], bool *partial, const char *name);

#endif
