#include "schema/blobs/blob_usage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "schema/base/folder.h"
#include "schema/blobs/blob_name.h"

/* What happens within one tick of the file system's clock leaves one date. */
#define TICK_NS 1000000000

static void add_blob(struct blob_usage_folder *folder, int parent, const char *name)
{
	char sha256[SHA256_HEX_BYTES];
	bool partial;
	struct stat status;
	if (!blob_name_read(sha256, &partial, name) || partial ||
	        fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(status.st_mode))
		return;
	folder->bytes += status.st_size;
	folder->count++;
}

static int read_folder(struct blob_usage_folder *folder, int parent, const char *name)
{
	DIR *walk = folder_walk(parent, name);
	const char *inner;
	*folder = (struct blob_usage_folder){0};
	if (!walk)
		return errno == ENOENT ? 0 : -errno;
	while ((inner = folder_next(walk)))
		add_blob(folder, dirfd(walk), inner);
	closedir(walk);
	return 0;
}

static int look(struct blob_usage_folder *folder, const struct blob_store *store, const char *name, int64_t now_ns)
{
	struct stat status;
	if (fstatat(store->folder, name, &status, AT_SYMLINK_NOFOLLOW) < 0) {
		*folder = (struct blob_usage_folder){0};
		return errno == ENOENT ? 0 : -errno;
	}
	const int64_t changed_ns = (int64_t)status.st_mtim.tv_sec * 1000000000 + status.st_mtim.tv_nsec;
	if (folder->changed_ns == changed_ns)
		return 0;
	int rc = read_folder(folder, store->folder, name);
	if (rc == 0 && now_ns - changed_ns > TICK_NS)
		folder->changed_ns = changed_ns;
	return rc;
}

int blob_usage_measure(struct blob_usage *usage, const struct blob_store *store, struct walltime now)
{
	int rc = 0;
	usage->bytes = usage->count = 0;
	for (int i = 0; i < BLOB_USAGE_FOLDERS; i++) {
		char name[3];
		snprintf(name, sizeof name, "%02x", (unsigned char)i);
		int looked = look(&usage->folders[i], store, name, now.us * 1000);
		rc = rc < 0 ? rc : looked;
		usage->bytes += usage->folders[i].bytes;
		usage->count += usage->folders[i].count;
	}
	return rc;
}
