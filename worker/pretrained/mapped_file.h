/* Files that are looked at where they lie: mapped read-only, not copied. */
#ifndef WORKER_PRETRAINED_MAPPED_FILE_H
#define WORKER_PRETRAINED_MAPPED_FILE_H

#include <stddef.h>

#include "schema/base/error.h"

struct mapped_file {
	char *path;                 /* owned */
	const unsigned char *bytes; /* (length), valid until it is closed */
	size_t length;              /* > 0 */
};

/* Maps folder/name; links are followed. -ENOENT when there is no such file; -EINVAL for what is no
 * file, is empty, or is the pointer that git leaves where LFS did not fetch the file; another
 * -errno; all with a sentence. Nobody may cut the file short while it is open. */
int mapped_file_open(struct mapped_file *out, const char *folder, const char *name, struct error *error);

/* A zeroed one is fine. */
void mapped_file_close(struct mapped_file *file);

#endif
