/* A table of vectors beside its tokenizer: model2vec's `embeddings`, or the table of words of a
 * pretrained encoder. */
#ifndef WORKER_VECTORS_VECTORS_FOLDER_H
#define WORKER_VECTORS_VECTORS_FOLDER_H

#include "schema/base/error.h"
#include "worker/vectors/vectors.h"

/* Fills the zeroed vectors with the folder's table; pieces that are whole words become words.
 * -EINVAL with a sentence; another -errno likewise; -ENOMEM. */
int vectors_folder_read(struct vectors *out, const char *folder, struct error *error);

#endif
