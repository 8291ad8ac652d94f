#define _GNU_SOURCE /* flock */
#include "schema/blobs/blob_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "schema/base/array.h"
#include "schema/base/folder.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "schema/blobs/blob_name.h"

/* ---- the folder ---- */

int blob_store_open(struct blob_store *store, const char *folder, struct error *error)
{
	*store = BLOB_STORE_NULL;
	store->spare = BLOB_SPARE;
	store->path = memory_strdup(*folder ? folder : ".");
	if (!store->path)
		return error_no_memory(error);
	int rc = folder_make_path(store->path);
	if (rc == 0) {
		store->folder = open(store->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		rc = store->folder < 0 ? -errno : 0;
	}
	if (rc < 0) {
		error_set(error, rc, "cannot keep files in %s: %s", folder, strerror(-rc));
		blob_store_close(store);
	}
	return rc;
}

void blob_store_close(struct blob_store *store)
{
	if (store->folder >= 0)
		close(store->folder);
	memory_free(store->path);
	*store = BLOB_STORE_NULL;
}

/* ---- one blob ---- */

int blob_open(int *fd, int64_t *size_bytes, const struct blob_store *store, const char *sha256)
{
	char name[BLOB_NAME_BYTES];
	struct stat status;
	if (!blob_is_name(sha256))
		return -EINVAL;
	blob_name(name, sha256, false);
	int opened = openat(store->folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (opened < 0)
		return -errno;
	int rc = flock(opened, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK ? -ENOENT /* it is being removed */
	         : fstat(opened, &status) < 0                                 ? -errno
	         : !S_ISREG(status.st_mode) || status.st_nlink == 0           ? -ENOENT
	                                                                      : 0;
	if (rc < 0) {
		close(opened);
		return rc;
	}
	futimens(opened, NULL);
	*fd = opened;
	*size_bytes = status.st_size;
	return 0;
}

int64_t blob_read(int fd, void *bytes, size_t length, int64_t offset)
{
	size_t done = 0;
	while (done < length) {
		ssize_t got = pread(fd, (char *)bytes + done, length - done, offset + (int64_t)done);
		if (got == 0)
			break;
		if (got < 0 && errno != EINTR)
			return -errno;
		done += got > 0 ? (size_t)got : 0;
	}
	return (int64_t)done;
}

char *blob_path(const struct blob_store *store, const char *sha256)
{
	char name[BLOB_NAME_BYTES];
	struct text path = TEXT_NULL;
	blob_name(name, sha256, false);
	text_printf(&path, "%s/%s", store->path, name);
	return text_take(&path);
}

/* ---- all of them ---- */

static int add_entry(struct blob_list *list, int folder, const char *name)
{
	struct blob_entry entry;
	struct stat status;
	if (!blob_name_read(entry.sha256, &entry.partial, name) ||
	        fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(status.st_mode))
		return 0;
	if (array_reserve(list->items, &list->capacity, list->count + 1) < 0)
		return -ENOMEM;
	entry.size_bytes = status.st_size;
	entry.used_s = (int64_t)status.st_mtime;
	list->items[list->count++] = entry;
	list->bytes += entry.size_bytes;
	return 0;
}

static int add_folder(struct blob_list *list, int parent, const char *name)
{
	DIR *walk = strlen(name) == 2 ? folder_walk(parent, name) : NULL;
	const char *inner;
	int rc = 0;
	while (walk && rc == 0 && (inner = folder_next(walk)))
		rc = add_entry(list, dirfd(walk), inner);
	if (walk)
		closedir(walk);
	return rc;
}

static int by_use(const void *left, const void *right)
{
	const struct blob_entry *a = left, *b = right;
	return a->used_s != b->used_s ? (a->used_s > b->used_s) - (a->used_s < b->used_s)
	                              : strcmp(a->sha256, b->sha256);
}

int blob_store_list(struct blob_list *out, const struct blob_store *store)
{
	struct blob_list list = {0};
	DIR *walk = folder_walk(store->folder, ".");
	const char *name;
	int rc = walk ? 0 : -errno;
	while (walk && rc == 0 && (name = folder_next(walk)))
		rc = add_folder(&list, store->folder, name);
	if (walk)
		closedir(walk);
	if (rc < 0) {
		blob_list_finish(&list);
		return rc;
	}
	if (list.count)
		qsort(list.items, list.count, sizeof *list.items, by_use);
	*out = list;
	return 0;
}

void blob_list_finish(struct blob_list *list)
{
	memory_free(list->items);
	*list = (struct blob_list){0};
}

int blob_store_remove(const struct blob_store *store, const struct blob_entry *entry)
{
	char name[BLOB_NAME_BYTES];
	blob_name(name, entry->sha256, entry->partial);
	int fd = openat(store->folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), rc = 0;
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		rc = -EWOULDBLOCK;
	else if (unlinkat(store->folder, name, 0) < 0 && errno != ENOENT)
		rc = -errno;
	close(fd);
	return rc;
}

int64_t blob_store_trim(const struct blob_store *store, int64_t most_bytes)
{
	struct blob_list list;
	int rc = blob_store_list(&list, store);
	if (rc < 0)
		return rc;
	const int64_t before = list.bytes;
	for (size_t i = 0; i < list.count && list.bytes > most_bytes; i++)
		if (blob_store_remove(store, &list.items[i]) == 0)
			list.bytes -= list.items[i].size_bytes;
	int64_t freed = before - list.bytes;
	blob_list_finish(&list);
	return freed;
}

/* ---- the disk ---- */

static long long in_mb(int64_t bytes)
{
	return (long long)((bytes + 999999) / 1000000);
}

int blob_store_check_room(const struct blob_store *store, int64_t more_bytes, struct error *error)
{
	struct statvfs disk;
	if (fstatvfs(store->folder, &disk) < 0)
		return error_set(error, -errno, "%s: %s", store->path, strerror(errno));
	const int64_t free_bytes = (int64_t)(disk.f_bavail * disk.f_frsize);
	const int64_t share = (int64_t)(disk.f_blocks * disk.f_frsize) / 100 * store->spare.percent;
	const int64_t spare = share > store->spare.bytes ? share : store->spare.bytes;
	if (more_bytes <= free_bytes - spare)
		return 0;
	return error_set(error, BLOB_NO_ROOM,
	        "no room for %lld MB in %s: %lld MB are free, and %lld MB have to stay so", in_mb(more_bytes),
	        store->path, in_mb(free_bytes), in_mb(spare));
}
