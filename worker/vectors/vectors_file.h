/* Vectors from where they lie: a text file or a folder. */
#ifndef WORKER_VECTORS_VECTORS_FILE_H
#define WORKER_VECTORS_VECTORS_FILE_H

#include "schema/base/error.h"
#include "worker/vectors/vectors.h"

/* Reads the file, at most its first `most` vectors, or the folder, all of it. 0 (destroy them);
 * -EINVAL with a sentence for what is no such file; another -errno likewise; -ENOMEM. */
int vectors_file_read(struct vectors **out, const char *path, size_t most, struct error *error);

#endif
