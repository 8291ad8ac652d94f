/* What a backup holds: DIR/manifest, one line of JSON and, below it, that line's sha256. The bytes
 * are in DIR/blobs, by their content. The manifest is written last, and by one rename: it is the
 * backup of before or this one. */
#ifndef CLI_SESSION_BACKUP_MANIFEST_H
#define CLI_SESSION_BACKUP_MANIFEST_H

#include "schema/api/field.h"
#include "schema/base/arena.h"
#include "schema/base/clock.h"
#include "schema/base/error.h"
#include "schema/blobs/blob_store.h"

#define BACKUP_MANIFEST "manifest"
#define BACKUP_BLOBS "blobs"
#define BACKUP_FORMAT 1

/* A file of the home: trials.db, or keys/N.pem. */
struct backup_file {
	const char *name, *sha256;
	int64_t size_bytes;
};

struct backup_manifest {
	int64_t format;
	const char *software;
	struct walltime made;
	int64_t epoch; /* of the trial file */
	LIST_OF(struct backup_file) files;
	LIST_OF(struct blob) blobs; /* of the home's own */
	const char *sha256;         /* of the line that was read: no two backups have the same */
};

/* Reads a backup's manifest; what it holds lives in the arena. 0; -ENOENT where there is none,
 * -EBADMSG for a damaged one, -ENOTSUP for one of a newer kre-search, another negative errno; each
 * with a sentence. */
int backup_manifest_read(struct backup_manifest *out, const char *folder, struct arena *arena, struct error *error);

/* Replaces it, at once. 0 or a negative errno with a sentence. */
int backup_manifest_write(const struct backup_manifest *manifest, const char *folder, struct error *error);

/* Bytes of all files and blobs. */
int64_t backup_manifest_bytes(const struct backup_manifest *manifest);

#endif
