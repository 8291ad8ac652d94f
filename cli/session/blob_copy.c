#include "cli/session/blob_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "schema/base/file_hash.h"
#include "schema/base/memory.h"
#include "schema/blobs/blob_intake.h"

#define CHUNK_BYTES ((size_t)256 << 10)

/* ---- in ---- */

static int fill(struct blob_intake *intake, int file, struct error *error)
{
	int rc = blob_intake_copy(intake, file, error);
	if (rc == -ESTALE)
		return BLOB_OTHER_CONTENT;
	int64_t left = rc == 0 ? blob_intake_catch_up(intake, INT64_MAX) : 0;
	return left < 0 ? error_set(error, (int)left, "%s", strerror((int)-left)) : rc;
}

static int take(struct blob_intake *intake, int file, struct error *error)
{
	int rc = fill(intake, file, error);
	if (rc == 0)
		return blob_intake_end(intake, error);
	blob_intake_leave(intake);
	return rc;
}

static int missing(const char *what, int rc, struct error *error)
{
	return error_set(error, rc, "%s: %s", what, strerror(-rc));
}

int blob_copy(struct blob_store *to, const struct blob_store *from, const struct blob *blob, struct error *error)
{
	struct blob_intake intake;
	int fd;
	int64_t size_bytes;
	int rc = blob_intake_begin(&intake, to, blob, error);
	if (rc != 0)
		return rc;
	rc = blob_open(&fd, &size_bytes, from, blob->sha256);
	if (rc < 0) {
		blob_intake_leave(&intake);
		return missing(blob->sha256, rc, error);
	}
	rc = take(&intake, fd, error);
	close(fd);
	return rc;
}

int blob_copy_file(struct blob_store *to, const struct blob *blob, const char *path, struct error *error)
{
	struct blob_intake intake;
	int rc = blob_intake_begin(&intake, to, blob, error);
	if (rc != 0)
		return rc;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		rc = -errno;
		blob_intake_leave(&intake);
		return missing(path, rc, error);
	}
	rc = take(&intake, fd, error);
	close(fd);
	return rc;
}

bool blob_drop_damaged(struct blob_store *store, const struct blob *blob)
{
	struct blob_entry entry = {.partial = false};
	char found[SHA256_HEX_BYTES], *path = blob_path(store, blob->sha256);
	int64_t size_bytes;
	int rc = path ? file_hash(found, &size_bytes, path) : -ENOMEM;
	memory_free(path);
	if (rc < 0 || strcmp(found, blob->sha256) == 0)
		return false;
	memcpy(entry.sha256, blob->sha256, sizeof entry.sha256);
	return blob_store_remove(store, &entry) == 0;
}

/* ---- out ---- */

static int write_all(int out, const char *bytes, size_t length)
{
	while (length) {
		ssize_t done = write(out, bytes, length);
		if (done < 0 && errno != EINTR)
			return -errno;
		if (done > 0) {
			bytes += done;
			length -= (size_t)done;
		}
	}
	return 0;
}

static int pour(int out, int in, struct sha256 *digest)
{
	char *chunk = memory_alloc(CHUNK_BYTES, 1);
	int64_t got = 0;
	int rc = chunk ? 0 : -ENOMEM;
	while (rc == 0 && (got = blob_read(in, chunk, CHUNK_BYTES, (int64_t)digest->length)) > 0) {
		sha256_add(digest, chunk, (size_t)got);
		rc = write_all(out, chunk, (size_t)got);
	}
	memory_free(chunk);
	if (rc == 0 && got < 0)
		rc = (int)got;
	return rc == 0 && fsync(out) < 0 && errno != EINVAL ? -errno : rc;
}

/* Pours one into an open file and looks whether it is what it is called. */
static int check_out(int out, int in, const struct blob *blob, struct error *error)
{
	struct sha256 digest;
	char found[SHA256_HEX_BYTES];
	sha256_init(&digest);
	int rc = pour(out, in, &digest);
	if (rc < 0)
		return error_set(error, rc == -ENOSPC || rc == -EDQUOT ? BLOB_NO_ROOM : rc, "%s", strerror(-rc));
	sha256_read(found, &digest);
	if (strcmp(found, blob->sha256) == 0 && (int64_t)digest.length == blob->size_bytes)
		return 0;
	return error_set(error, BLOB_OTHER_CONTENT, "the bytes have the sha256 %.8s…, not %.8s…", found, blob->sha256);
}

int blob_copy_out(
        int folder, const char *name, const struct blob_store *from, const struct blob *blob, struct error *error)
{
	int in;
	int64_t size_bytes;
	int rc = blob_open(&in, &size_bytes, from, blob->sha256);
	if (rc < 0)
		return missing(blob->sha256, rc, error);
	unlinkat(folder, name, 0);
	int out = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	rc = out < 0 ? error_set(error, -errno, "%s: %s", name, strerror(errno)) : check_out(out, in, blob, error);
	if (out >= 0 && close(out) < 0 && rc == 0)
		rc = error_set(error, -errno, "%s: %s", name, strerror(errno));
	if (rc != 0)
		unlinkat(folder, name, 0);
	close(in);
	return rc;
}
