/* word2vec's and fastText's text format: a line "word number number …" for each word, the most
 * frequent first; before them there may be a line with how many there are and how wide. */
#ifndef WORKER_VECTORS_VECTORS_TEXT_H
#define WORKER_VECTORS_VECTORS_TEXT_H

#include "schema/base/error.h"
#include "worker/vectors/vectors.h"

/* Fills the zeroed vectors with the first `most` of the file; words that are no text or several
 * words are passed over. -EINVAL with a sentence that names the line; another -errno likewise;
 * -ENOMEM. */
int vectors_text_read(struct vectors *out, const char *path, size_t most, struct error *error);

#endif
