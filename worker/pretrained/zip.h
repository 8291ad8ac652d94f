/* Zip archives whose members are stored as they are (APPNOTE 6.3, with Zip64), as PyTorch writes
 * them. */
#ifndef WORKER_PRETRAINED_ZIP_H
#define WORKER_PRETRAINED_ZIP_H

#include <stdbool.h>

#include "worker/pretrained/mapped_file.h"
#include "worker/pretrained/named_parts.h"

/* True when the file begins as an archive does. */
bool zip_begins(const struct mapped_file *file);

/* Lists the members, in order of their names. -EINVAL with a sentence for compressed, encrypted or
 * overlapping members, two of one name, an archive that was cut off or is none; -ENOMEM. */
int zip_read(struct named_parts *out, const struct mapped_file *file, struct error *error);

#endif
