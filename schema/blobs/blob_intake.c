#define _GNU_SOURCE /* flock, copy_file_range, sync_file_range */
#include "schema/blobs/blob_intake.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h> /* renameat */
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/base/memory.h"
#include "schema/blobs/blob_name.h"

#define CHUNK_BYTES ((size_t)256 << 10)
#define SLICE_BYTES (8 << 20)

static int fail(const struct blob_intake *intake, int code, struct error *error)
{
	return error_set(error, code, "%s in %s: %s", intake->sha256, intake->store->path, strerror(-code));
}

/* ---- begin ---- */

/* Whoever wrote it before us may have given it its name, or removed it, between our opening and our
 * locking. */
static bool is_gone(int fd)
{
	struct stat status;
	return fstat(fd, &status) == 0 && status.st_nlink == 0;
}

static bool is_there(const struct blob_store *store, const char *name)
{
	struct stat status;
	return fstatat(store->folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode);
}

/* A descriptor of the .part, ours alone. */
static int open_part(const struct blob_store *store, const char *sha256)
{
	char part[BLOB_NAME_BYTES], whole[BLOB_NAME_BYTES];
	blob_name(part, sha256, true);
	blob_name(whole, sha256, false);
	const char folder[3] = {sha256[0], sha256[1], '\0'};
	if (mkdirat(store->folder, folder, 0700) < 0 && errno != EEXIST)
		return -errno;
	for (;;) {
		int fd = openat(store->folder, part, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd < 0)
			return -errno;
		int rc = flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
		if (rc == 0 && !is_gone(fd)) {
			if (!is_there(store, whole))
				return fd;
			unlinkat(store->folder, part, 0);
			rc = -EEXIST;
		}
		close(fd);
		if (rc < 0)
			return rc;
	}
}

/* More than the whole is nothing that can be gone on with. */
static int measure(struct blob_intake *intake)
{
	struct stat status;
	if (fstat(intake->part, &status) < 0)
		return -errno;
	if (status.st_size > intake->size_bytes && ftruncate(intake->part, 0) < 0)
		return -errno;
	intake->length_bytes = status.st_size > intake->size_bytes ? 0 : status.st_size;
	return 0;
}

int blob_intake_begin(
        struct blob_intake *intake, const struct blob_store *store, const struct blob *blob, struct error *error)
{
	char whole[BLOB_NAME_BYTES];
	if (!blob_is_name(blob->sha256))
		return error_set(error, -EINVAL, "a file is called by its sha256, 64 small hexadecimal digits");
	if (blob->size_bytes < 0 || blob->size_bytes > BLOB_MAX_BYTES)
		return error_set(error, -EFBIG, "a file may have 16 GiB");
	blob_name(whole, blob->sha256, false);
	if (is_there(store, whole))
		return BLOB_IS_THERE;
	struct blob_intake begun = {.store = store, .size_bytes = blob->size_bytes};
	memcpy(begun.sha256, blob->sha256, sizeof begun.sha256);
	sha256_init(&begun.digest);
	begun.part = open_part(store, blob->sha256);
	if (begun.part == -EEXIST)
		return BLOB_IS_THERE;
	if (begun.part < 0)
		return fail(&begun, begun.part, error);
	int rc = measure(&begun);
	rc = rc < 0 ? fail(&begun, rc, error)
	            : blob_store_check_room(store, begun.size_bytes - begun.length_bytes, error);
	if (rc != 0)
		blob_intake_leave(&begun);
	else
		*intake = begun;
	return rc;
}

void blob_intake_recall(struct blob_intake *intake, const struct blob_intake *left)
{
	if (strcmp(left->sha256, intake->sha256) != 0 || left->size_bytes != intake->size_bytes ||
	        left->length_bytes != intake->length_bytes)
		return;
	intake->digest = left->digest;
	intake->hashed_bytes = left->hashed_bytes;
}

/* ---- bytes ---- */

static int write_all(int fd, const char *bytes, size_t length, int64_t offset)
{
	while (length) {
		ssize_t done = pwrite(fd, bytes, length, offset);
		if (done < 0 && errno != EINTR)
			return -errno;
		if (done > 0) {
			bytes += done;
			length -= (size_t)done;
			offset += done;
		}
	}
	return 0;
}

static int say_full(const struct blob_intake *intake, int rc, struct error *error)
{
	if (rc != -ENOSPC && rc != -EDQUOT)
		return fail(intake, rc, error);
	return error_set(error, BLOB_NO_ROOM, "no room in %s: %s", intake->store->path, strerror(-rc));
}

/* The kernel begins to write at once, so that the flush at the end finds little left to do. */
int blob_intake_add(struct blob_intake *intake, const void *bytes, size_t length, struct error *error)
{
	assert(intake->part >= 0);
	if ((int64_t)length > intake->size_bytes - intake->length_bytes)
		return error_set(
		        error, -EFBIG, "%s has %lld bytes and no more", intake->sha256, (long long)intake->size_bytes);
	int rc = write_all(intake->part, bytes, length, intake->length_bytes);
	if (rc < 0)
		return say_full(intake, rc, error);
	if (intake->hashed_bytes == intake->length_bytes) {
		sha256_add(&intake->digest, bytes, length);
		intake->hashed_bytes += (int64_t)length;
	}
	sync_file_range(intake->part, intake->length_bytes, (off_t)length, SYNC_FILE_RANGE_WRITE);
	intake->length_bytes += (int64_t)length;
	return 0;
}

static int copy_by_hand(struct blob_intake *intake, int file, struct error *error)
{
	char *chunk = memory_alloc(CHUNK_BYTES, 1);
	int64_t got = 0;
	int rc = chunk ? 0 : error_no_memory(error);
	while (rc == 0 && (got = blob_read(file, chunk, CHUNK_BYTES, intake->length_bytes)) > 0)
		rc = blob_intake_add(intake, chunk, (size_t)got, error);
	memory_free(chunk);
	return rc == 0 && got < 0 ? fail(intake, (int)got, error) : rc;
}

/* What the file system does not share or copy is copied by hand. Slice by slice, which the kernel
 * begins to write at once: a flush of all of it would hold up whoever else flushes to that disk. */
static void copy_by_kernel(struct blob_intake *intake, int file)
{
	off_t from = 0;
	ssize_t done = 1;
	while (done > 0 && intake->length_bytes < intake->size_bytes) {
		off_t to = intake->length_bytes;
		const int64_t left = intake->size_bytes - to;
		done = copy_file_range(
		        file, &from, intake->part, &to, left < SLICE_BYTES ? (size_t)left : SLICE_BYTES, 0);
		if (done > 0)
			sync_file_range(intake->part, intake->length_bytes, done, SYNC_FILE_RANGE_WRITE);
		intake->length_bytes += done > 0 ? done : 0;
	}
}

int blob_intake_copy(struct blob_intake *intake, int file, struct error *error)
{
	struct stat status;
	if (fstat(file, &status) < 0 || ftruncate(intake->part, 0) < 0)
		return fail(intake, -errno, error);
	if (status.st_size != intake->size_bytes)
		return error_set(error, -ESTALE, "it has %lld bytes, not %lld", (long long)status.st_size,
		        (long long)intake->size_bytes);
	intake->length_bytes = intake->hashed_bytes = 0;
	sha256_init(&intake->digest);
	copy_by_kernel(intake, file);
	int rc = intake->length_bytes < intake->size_bytes ? copy_by_hand(intake, file, error) : 0;
	if (rc == 0 && intake->length_bytes < intake->size_bytes)
		rc = error_set(error, -ESTALE, "it became shorter meanwhile");
	return rc;
}

int64_t blob_intake_catch_up(struct blob_intake *intake, int64_t most_bytes)
{
	char *chunk = memory_alloc(CHUNK_BYTES, 1);
	int64_t rc = chunk ? 0 : -ENOMEM;
	while (rc == 0 && most_bytes > 0 && intake->hashed_bytes < intake->length_bytes) {
		int64_t left = intake->length_bytes - intake->hashed_bytes;
		int64_t got = blob_read(intake->part, chunk, left < (int64_t)CHUNK_BYTES ? (size_t)left : CHUNK_BYTES,
		        intake->hashed_bytes);
		rc = got > 0 ? 0 : got < 0 ? got : -EIO;
		if (rc == 0)
			sha256_add(&intake->digest, chunk, (size_t)got);
		intake->hashed_bytes += got > 0 ? got : 0;
		most_bytes -= got;
	}
	memory_free(chunk);
	return rc < 0 ? rc : intake->length_bytes - intake->hashed_bytes;
}

/* ---- the end ---- */

static int check_hash(struct blob_intake *intake, struct error *error)
{
	char found[SHA256_HEX_BYTES], name[BLOB_NAME_BYTES];
	sha256_read(found, &intake->digest);
	if (strcmp(found, intake->sha256) == 0)
		return 0;
	blob_name(name, intake->sha256, true);
	unlinkat(intake->store->folder, name, 0);
	return error_set(
	        error, BLOB_OTHER_CONTENT, "the bytes have the sha256 %.8s…, not %.8s…", found, intake->sha256);
}

static int give_name(const struct blob_intake *intake)
{
	const struct blob_store *store = intake->store;
	const char folder_name[3] = {intake->sha256[0], intake->sha256[1], '\0'};
	char part[BLOB_NAME_BYTES], whole[BLOB_NAME_BYTES];
	blob_name(part, intake->sha256, true);
	blob_name(whole, intake->sha256, false);
	if (fchmod(intake->part, 0400) < 0 || fsync(intake->part) < 0 ||
	        renameat(store->folder, part, store->folder, whole) < 0)
		return -errno;
	int folder = openat(store->folder, folder_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = folder >= 0 && fsync(folder) < 0 && errno == EIO ? -EIO : 0;
	if (folder >= 0)
		close(folder);
	return rc;
}

int blob_intake_end(struct blob_intake *intake, struct error *error)
{
	assert(intake->length_bytes == intake->size_bytes && intake->hashed_bytes == intake->length_bytes);
	int rc = check_hash(intake, error);
	if (rc == 0 && (rc = give_name(intake)) < 0)
		fail(intake, rc, error);
	blob_intake_leave(intake);
	return rc;
}

void blob_intake_leave(struct blob_intake *intake)
{
	if (intake->part >= 0)
		close(intake->part);
	*intake = BLOB_INTAKE_NULL;
}
