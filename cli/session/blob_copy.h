/* Files by their content, copied on this machine's disks. */
#ifndef CLI_SESSION_BLOB_COPY_H
#define CLI_SESSION_BLOB_COPY_H

#include <stdbool.h>

#include "schema/blobs/blob_store.h"

/* Copies one from another store. 0; BLOB_IS_THERE; -ENOENT when the other has none;
 * BLOB_OTHER_CONTENT, also for one of another size; BLOB_NO_ROOM; another negative errno; each but
 * the first two with a sentence. */
int blob_copy(struct blob_store *to, const struct blob_store *from, const struct blob *blob, struct error *error);

/* The same of a file that has this content. */
int blob_copy_file(struct blob_store *to, const struct blob *blob, const char *path, struct error *error);

/* Removes one whose bytes are not, or no more, what it is called by; true when one was removed. */
bool blob_drop_damaged(struct blob_store *store, const struct blob *blob);

/* Writes one into a new private file, flushed: `name` in an open folder. As blob_copy; where
 * something is wrong no file is left. */
int blob_copy_out(
        int folder, const char *name, const struct blob_store *from, const struct blob *blob, struct error *error);

#endif
