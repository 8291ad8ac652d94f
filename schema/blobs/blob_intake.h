/* A blob on its way in. Its bytes go into <sha256>.part, which one program at a time writes; it
 * gets its name when it is whole, flushed, and has the hash that it is called by. Whatever is
 * killed meanwhile, a blob is whole or not there, and the next intake goes on behind what the .part
 * holds.
 *
 *   begun ──add …──▶ all bytes there ──catch up …──▶ all hashed ──end──▶ blob (or gone: other content)
 *     └───────────────────┴───────────── leave ──────────┴──▶ .part stays */
#ifndef SCHEMA_BLOBS_BLOB_INTAKE_H
#define SCHEMA_BLOBS_BLOB_INTAKE_H

#include "schema/blobs/blob_store.h"

struct blob_intake {
	const struct blob_store *store; /* borrowed */
	char sha256[SHA256_HEX_BYTES];
	int64_t size_bytes;   /* of the whole */
	int64_t length_bytes; /* there */
	int64_t hashed_bytes; /* of them */
	struct sha256 digest; /* of those */
	int part;             /* descriptor, locked; -1 = none */
};

#define BLOB_INTAKE_NULL ((struct blob_intake){.part = -1})

/* Begins, or goes on. 0; BLOB_IS_THERE when nothing is to be done (of any size); BLOB_NO_ROOM with
 * a sentence; -EWOULDBLOCK while another program takes it in; -EINVAL, -EFBIG for a name or a size
 * that is none; another negative errno with a sentence. Finish by blob_intake_end or _leave after 0
 * only. */
int blob_intake_begin(
        struct blob_intake *intake, const struct blob_store *store, const struct blob *blob, struct error *error);

/* Appends bytes. 0; BLOB_NO_ROOM; -EFBIG when they are more than the whole; another negative errno;
 * each with a sentence. What was written stays. */
int blob_intake_add(struct blob_intake *intake, const void *bytes, size_t length, struct error *error);

/* Fills it with the file's content, from the start; by the file system where that can share blocks.
 * As blob_intake_add; -ESTALE when the file is of another size. */
int blob_intake_copy(struct blob_intake *intake, int file, struct error *error);

/* Hashes at most so many of the bytes that are not hashed yet. How many are left, or a negative
 * errno. */
int64_t blob_intake_catch_up(struct blob_intake *intake, int64_t most_bytes);

/* Gives it its name, when all its bytes are there and hashed, and is through with it. 0; or
 * BLOB_OTHER_CONTENT with a sentence, and the .part is gone; or a negative errno with a sentence,
 * and it stays. */
int blob_intake_end(struct blob_intake *intake, struct error *error);

/* Knows again what was hashed when it was left, by a copy of what it was then: unless its .part has
 * become another since. */
void blob_intake_recall(struct blob_intake *intake, const struct blob_intake *left);

/* Leaves it as it is, for another time. Repeating it is fine. */
void blob_intake_leave(struct blob_intake *intake);

#endif
