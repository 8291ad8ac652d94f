/* Pretrained encoders on disk, called by their content: MODEL-DIGEST.safetensors, DIGEST the first
 * 16 hexadecimal digits of the SHA-256 of the file. */
#ifndef WORKER_TRAINER_ENCODER_FILE_H
#define WORKER_TRAINER_ENCODER_FILE_H

#include "schema/base/error.h"
#include "schema/base/text.h"

/* Writes the bytes into the folder, which is made if need be, and appends the file's path to
 * `path`. -errno with a sentence. */
int encoder_file_write(
        struct text *path, const char *folder, const char *model, const struct text *bytes, struct error *error);

/* Makes a folder that is called so by the bytes, MODEL-DIGEST, in the same way; it may be there. */
int encoder_file_folder(
        struct text *path, const char *folder, const char *model, const struct text *bytes, struct error *error);

/* Reads a file into *out (memory_free) and its length. A file whose name has a digest must have
 * that content: -EINVAL with a sentence. -errno likewise when it cannot be read. */
int encoder_file_read(char **out, size_t *length, const char *path, struct error *error);

#endif
