/* Arrays by name, and files of them in the layout of safetensors (huggingface/safetensors, format
 * 0.3): the length of a JSON header (u64), the header, the arrays one after the other; all
 * little-endian. Saved models and training states are such files. */
#ifndef WORKER_NETWORK_ARRAYS_H
#define WORKER_NETWORK_ARRAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/pieces.h"
#include "schema/base/text.h"
#include "worker/network/layers/real.h"

enum array_kind { ARRAY_BYTE, ARRAY_FLOAT, ARRAY_DOUBLE, ARRAY_COUNT }; /* char, float, double, uint64_t or size_t */
#define ARRAY_REAL (sizeof(real) == sizeof(double) ? ARRAY_DOUBLE : ARRAY_FLOAT)

enum { ARRAY_NAME_BYTES = 96 };

struct array {
	char name[ARRAY_NAME_BYTES];
	enum array_kind kind;
	size_t shape[2]; /* shape[1] is 0 when there is one dimension */
	void *data;      /* borrowed */
};

struct arrays {
	struct array *items; /* (count), owned */
	size_t count, capacity;
	bool failed; /* an array did not fit into memory: the list is not whole */
};

#define ARRAYS_NULL ((struct arrays){0})

/* Forgets the list, not the data; a zeroed one is fine. */
void arrays_finish(struct arrays *arrays);

/* Adds an array of this shape at `data`, which is borrowed as long as the list is used; memory sets
 * arrays->failed. */
void arrays_add(struct arrays *arrays, const char *name, enum array_kind kind, void *data, const size_t shape[2]);

/* Bytes of all the data. */
size_t arrays_bytes(const struct arrays *arrays);

/* Puts the file into the sink, array by array; `metadata` is what its header says beside the
 * arrays, as members of a JSON object of strings. 0, -ENOMEM, or what the sink returned. */
int arrays_write(struct sink *out, const struct arrays *arrays, const char *metadata);

/* Appends the file. Memory sets out->failed. */
void arrays_print(struct text *out, const struct arrays *arrays, const char *metadata);

/* Fills the arrays from a file of exactly these names, kinds, shapes and metadata. 0; -ENOMEM, or
 * -EINVAL when it is another file or cut: then nothing was filled. Any other -errno is the
 * source's; some arrays may be filled then. */
int arrays_load(const struct arrays *arrays, const char *metadata, struct source *file);

/* Likewise from a file in memory: 0, -ENOMEM or -EINVAL. */
int arrays_read(const struct arrays *arrays, const char *metadata, const char *file, size_t length);

/* The number that the file's metadata, its first member included, has after `prefix`, such as
 * `"tokens":"`; *at (NULL = the beginning of the metadata) moves after it. False when the file is
 * another one. */
bool arrays_metadata_number(size_t *out, const char **at, const char *prefix, const char *file, size_t length);

/* Likewise a text up to the next quote, backslash or control character, at *at, which is not NULL:
 * its length, 0 when the prefix is not there; *out borrows from the file. */
size_t arrays_metadata_text(const char **out, const char **at, const char *prefix, const char *file, size_t length);

#endif
