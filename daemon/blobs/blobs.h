/* The daemon's files by their content: read and brought piece by piece, on the loop's thread, so
 * that no call takes long. Those that are on their way in stay open between their pieces, a few at
 * a time; the others lie in their .part until somebody goes on with them, and what was hashed of
 * them is known until then: however many come at once, each gets on. */
#ifndef DAEMON_BLOBS_BLOBS_H
#define DAEMON_BLOBS_BLOBS_H

#include "schema/base/clock.h"
#include "schema/blobs/blob_intake.h"
#include "schema/blobs/blob_usage.h"

#define BLOBS_OPEN_MAX 8
#define BLOBS_LEFT_MAX 512

struct blobs {
	struct blob_store store;
	struct blob_intake open[BLOBS_OPEN_MAX]; /* the one that was used last first; BLOB_INTAKE_NULL behind them */
	struct blob_intake left[BLOBS_LEFT_MAX]; /* closed, the newest before `left_next`, as a ring */
	size_t left_next;
	struct blob_usage usage; /* as it was measured last */
};

/* Over that folder, which is made. 0, or a negative errno with a sentence. blobs_finish is fine in
 * every case, also for zeroed ones. */
int blobs_init(struct blobs *blobs, const char *folder, struct error *error);
void blobs_finish(struct blobs *blobs);

/* A piece of a file. */
struct blob_piece {
	int64_t offset;
	size_t length;
	void *bytes;
};

/* Reads a piece into piece->bytes and sets its length to what there is of it, and *size_bytes. 0;
 * -ENOENT where there is no such file; another negative errno with a sentence. */
int blobs_read(struct blob_piece *piece, int64_t *size_bytes, const struct blobs *blobs, const char *sha256);

/* True when it is here, whole and of that size. */
bool blobs_have(const struct blobs *blobs, const struct blob *blob);

/* Removes it; one that is being read stays. */
void blobs_remove(struct blobs *blobs, const char *sha256);

/* How far one is on its way in. */
struct blob_progress {
	int64_t offset; /* bytes that are there */
	bool done;
};

/* Takes in a piece; one that does not belong behind what is there is passed over, and *out says
 * where it goes on. The last bytes are hashed over several calls when there are many. 0, or as
 * blob_intake_begin, _add and _end. */
int blobs_add(struct blob_progress *out, struct blobs *blobs, const struct blob *blob, const struct blob_piece *piece,
        struct error *error);

/* Removes what `is_wanted` denies and nobody has used for an hour: a study that will refer to it
 * may be on its way. The bytes that went, or a negative errno. */
int64_t blobs_sweep(struct blobs *blobs, bool (*is_wanted)(const void *context, const char *sha256),
        const void *context, struct walltime now);

#endif
