/* Whole files in, whole files out. */
#ifndef WORKER_DATA_FILE_H
#define WORKER_DATA_FILE_H

#include <stddef.h>

#include "schema/base/error.h"

/* Reads the file into *out_bytes (owned by the caller, memory_free; a NUL follows the last byte) and its length.
 * -errno with a sentence when it cannot be opened or read, -ENOMEM. Pipes and devices are fine. */
int file_read(char **out_bytes, size_t *out_length, const char *path, struct error *error);

/* Replaces the file atomically: the bytes are written beside it, flushed, then renamed. -errno with a sentence; nothing is left
 * then. */
int file_write(const char *path, const char *bytes, size_t length, struct error *error);

#endif
