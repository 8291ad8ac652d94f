/* Bytes that are too many to be in memory at once: they go into a sink one piece after another, and
 * are read from a source by their place. */
#ifndef SCHEMA_BASE_PIECES_H
#define SCHEMA_BASE_PIECES_H

#include <stddef.h>

#include "schema/base/text.h"

/* The first member of what knows where the bytes go. */
struct sink {
	/* Takes the bytes, all of them. 0, or -errno: then no more should come. */
	int (*put)(struct sink *sink, const char *bytes, size_t length);
};

/* The first member of what knows where the bytes are. */
struct source {
	/* Fills `out` with the bytes from `at` on. 0; -EINVAL when the source ends before; another
	 * -errno. */
	int (*read)(struct source *source, char *out, size_t at, size_t length);
	size_t length; /* bytes in all */
};

/* A sink that appends to a text; its lack of memory is -ENOMEM. */
struct text_sink {
	struct sink sink;
	struct text *text; /* borrowed */
};
struct text_sink text_sink(struct text *text);

/* A source of bytes (length) in memory, which are borrowed. */
struct bytes_source {
	struct source source;
	const char *bytes;
};
struct bytes_source bytes_source(const char *bytes, size_t length);

#endif
