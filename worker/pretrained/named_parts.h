/* Parts of a file by their names: members of an archive, storages of tensors. */
#ifndef WORKER_PRETRAINED_NAMED_PARTS_H
#define WORKER_PRETRAINED_NAMED_PARTS_H

#include <stddef.h>

#include "schema/base/error.h"

struct named_bytes {
	const unsigned char *name; /* (name_length), in the file, without a NUL */
	size_t name_length;
	const unsigned char *bytes; /* (length), in the file */
	size_t length;
};

struct named_parts {
	struct named_bytes *items; /* (count), owned */
	size_t count, capacity;
};

/* 0 or -ENOMEM. */
int named_parts_add(struct named_parts *parts, const struct named_bytes *part);

/* Once all are in: puts them in order. -EINVAL with a sentence when a name stands twice. */
int named_parts_sort(struct named_parts *parts, const char *path, struct error *error);

/* The part of that name, or NULL; they are in order. */
const struct named_bytes *named_parts_find(const struct named_parts *parts, const void *name, size_t length);

/* A zeroed one is fine. */
void named_parts_finish(struct named_parts *parts);

#endif
