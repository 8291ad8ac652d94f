/* Where a daemon is to be found: the path of a Unix socket; kre://HOST:PORT/TOKEN is recognized and
 * refused. */
#ifndef SCHEMA_TRANSPORT_ADDRESS_H
#define SCHEMA_TRANSPORT_ADDRESS_H

#include "schema/base/error.h"

#define ADDRESS_PATH_BYTES 4096 /* the NUL included */

struct address {
	char path[ADDRESS_PATH_BYTES];
};

/* Reads what people write. 0; -EINVAL for kre://, HOST:PORT and the like; -ENAMETOOLONG for a path
 * that would have to be cut; with a sentence. */
int address_read(struct address *out, const char *text, struct error *error);

#endif
