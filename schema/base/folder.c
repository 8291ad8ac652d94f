#define _GNU_SOURCE /* flock */
#include "schema/base/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

int folder_open(int parent, const char *name)
{
	int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return folder >= 0 ? folder : errno == ELOOP ? -ENOTDIR : -errno;
}

int folder_make(int parent, const char *name)
{
	if (mkdirat(parent, name, 0700) < 0 && errno != EEXIST)
		return -errno;
	return folder_open(parent, name);
}

int folder_make_path(char *path)
{
	for (char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
		if (slash)
			*slash = '\0';
		int rc = mkdir(path, 0700) < 0 && errno != EEXIST ? -errno : 0;
		if (slash)
			*slash = '/';
		if (rc < 0 || !slash)
			return rc;
	}
}

/* Whoever held it may have removed it between our opening and our locking. */
static bool is_gone(int folder)
{
	struct stat status;
	return fstat(folder, &status) == 0 && status.st_nlink == 0;
}

/* Holds one that exists. A file system without locks costs the protection, not the folder. */
int folder_hold_existing(int parent, const char *name)
{
	int folder = folder_open(parent, name);
	if (folder < 0)
		return folder;
	int rc = flock(folder, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK ? -EWOULDBLOCK
	         : is_gone(folder)                                            ? -ENOENT
	                                                                      : 0;
	if (rc < 0)
		close(folder);
	return rc < 0 ? rc : folder;
}

int folder_hold(int parent, const char *name)
{
	int folder = -ENOENT;
	while (folder == -ENOENT) {
		if (mkdirat(parent, name, 0700) < 0 && errno != EEXIST)
			return -errno;
		folder = folder_hold_existing(parent, name);
	}
	return folder;
}

DIR *folder_walk(int parent, const char *name)
{
	int folder = folder_open(parent, name);
	DIR *walk = folder < 0 ? NULL : fdopendir(folder);
	if (folder >= 0 && !walk)
		close(folder);
	return walk;
}

const char *folder_next(DIR *walk)
{
	const struct dirent *entry;
	do
		entry = readdir(walk);
	while (entry && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
	return entry ? entry->d_name : NULL;
}

/* What is to be removed may have been closed to writing. */
int folder_empty(int folder)
{
	const char *name;
	int rc = 0;
	DIR *walk = folder_walk(folder, ".");
	if (!walk)
		return -errno;
	fchmod(folder, 0700);
	while ((name = folder_next(walk))) {
		int removed = folder_remove(folder, name);
		rc = removed < 0 ? removed : rc;
	}
	closedir(walk);
	return rc;
}

int folder_remove(int parent, const char *name)
{
	if (unlinkat(parent, name, 0) == 0 || errno == ENOENT)
		return 0;
	int why = -errno, folder = folder_open(parent, name);
	if (folder < 0)
		return folder == -ENOENT ? 0 : folder == -ENOTDIR ? why : folder;
	int rc = folder_empty(folder);
	close(folder);
	if (unlinkat(parent, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return rc < 0 ? rc : -errno;
	return 0;
}

int folder_remove_unless_held(int parent, const char *name)
{
	int folder = folder_hold_existing(parent, name);
	int rc = folder == -EWOULDBLOCK ? folder : folder_remove(parent, name);
	if (folder >= 0)
		close(folder);
	return rc;
}
