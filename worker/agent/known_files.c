#include "worker/agent/known_files.h"

#include <errno.h>
#include <string.h>

#include "schema/base/file_hash.h"

void known_files_init(struct known_files *files)
{
	memset(files, 0, sizeof *files);
	pthread_mutex_init(&files->lock, NULL);
}

static bool is_same(const struct known_file *file, const struct stat *status)
{
	return *file->sha256 && file->device == status->st_dev && file->number == status->st_ino &&
	       file->size_bytes == status->st_size && file->changed.tv_sec == status->st_mtim.tv_sec &&
	       file->changed.tv_nsec == status->st_mtim.tv_nsec;
}

static bool recall(char out[SHA256_HEX_BYTES], struct known_files *files, const struct stat *status)
{
	bool found = false;
	pthread_mutex_lock(&files->lock);
	for (size_t i = 0; i < KNOWN_FILES_MAX && !found; i++) {
		found = is_same(&files->items[i], status);
		if (found)
			memcpy(out, files->items[i].sha256, SHA256_HEX_BYTES);
	}
	pthread_mutex_unlock(&files->lock);
	return found;
}

static void remember(struct known_files *files, const struct stat *status, const char *sha256)
{
	pthread_mutex_lock(&files->lock);
	struct known_file *file = &files->items[files->next++ % KNOWN_FILES_MAX];
	*file = (struct known_file){status->st_dev, status->st_ino, status->st_size, status->st_mtim, ""};
	memcpy(file->sha256, sha256, SHA256_HEX_BYTES);
	pthread_mutex_unlock(&files->lock);
}

/* What changes while it is read is not remembered. */
int known_files_hash(char out[SHA256_HEX_BYTES], struct known_files *files, const char *path)
{
	struct stat before, after;
	int64_t size_bytes;
	if (stat(path, &before) < 0)
		return -errno;
	if (recall(out, files, &before))
		return 0;
	int rc = file_hash(out, &size_bytes, path);
	if (rc < 0 || stat(path, &after) < 0)
		return rc;
	struct known_file seen = {before.st_dev, before.st_ino, before.st_size, before.st_mtim, "-"};
	if (is_same(&seen, &after) && size_bytes == after.st_size)
		remember(files, &after, out);
	return 0;
}
