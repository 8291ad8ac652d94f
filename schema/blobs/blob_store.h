/* Files by their content: FOLDER/ab/<sha256>, mode 0400, where ab are the first two digits. What is
 * not whole yet has .part behind its name (blob_intake.h). Nothing but a hash becomes a name
 * here. */
#ifndef SCHEMA_BLOBS_BLOB_STORE_H
#define SCHEMA_BLOBS_BLOB_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/error.h"
#include "schema/base/sha256.h"

#define BLOB_MAX_BYTES ((int64_t)16 << 30)

/* The outcomes of this room. */
enum {
	BLOB_NO_ROOM = 900, /* the disk would be too full */
	BLOB_OTHER_CONTENT, /* the bytes have another hash */
	BLOB_IS_THERE,      /* nothing is left to do */
};

/* What of the disk has to stay free: the greater of the two. */
struct blob_spare {
	int64_t bytes;
	int percent;
};
#define BLOB_SPARE ((struct blob_spare){(int64_t)1 << 30, 5})

struct blob_store {
	int folder;              /* descriptor, -1 = none */
	char *path;              /* owned, for sentences and for programs */
	struct blob_spare spare; /* BLOB_SPARE, unless it is set anew */
};

#define BLOB_STORE_NULL ((struct blob_store){.folder = -1})

/* A file by its content. */
struct blob {
	const char *sha256; /* borrowed */
	int64_t size_bytes;
};

/* Opens the folder; where there is none it is made, with those above it, for its owner alone. 0, or
 * a negative errno with a sentence. */
int blob_store_open(struct blob_store *store, const char *folder, struct error *error);
void blob_store_close(struct blob_store *store);

/* Opens one for reading and marks it as used now; while the descriptor is open it is not removed. 0
 * with *fd and *size_bytes; -ENOENT where there is none, -EINVAL for what is no name. */
int blob_open(int *fd, int64_t *size_bytes, const struct blob_store *store, const char *sha256);

/* The bytes from `offset` on, as many as there are up to `length`: their number, or a negative
 * errno. */
int64_t blob_read(int fd, void *bytes, size_t length, int64_t offset);

/* Where it is, on the heap (memory_free); NULL when out of memory. */
char *blob_path(const struct blob_store *store, const char *sha256);

/* One of those that are there. */
struct blob_entry {
	char sha256[SHA256_HEX_BYTES];
	bool partial;       /* not whole */
	int64_t size_bytes; /* of what is there */
	int64_t used_s;     /* when it was used last, or grew; seconds since 1970 */
};

struct blob_list {
	struct blob_entry *items; /* (count) owned */
	size_t count, capacity;
	int64_t bytes; /* of all together */
};

/* All that is there, the least recently used first. 0; negative, then nothing is to be finished. */
int blob_store_list(struct blob_list *out, const struct blob_store *store);
void blob_list_finish(struct blob_list *list);

/* Removes one. 0, also when there is none; -EWOULDBLOCK while a program reads it or writes it;
 * another negative errno. */
int blob_store_remove(const struct blob_store *store, const struct blob_entry *entry);

/* Removes the least recently used until no more than so many bytes are there; what is in use stays.
 * How many bytes went, or a negative errno. */
int64_t blob_store_trim(const struct blob_store *store, int64_t most_bytes);

/* 0 when `more_bytes` leave enough free; BLOB_NO_ROOM with a sentence; negative. */
int blob_store_check_room(const struct blob_store *store, int64_t more_bytes, struct error *error);

#endif
