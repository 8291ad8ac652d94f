#include "worker/agent/checkpoint_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/base/home.h"
#include "schema/base/log.h"

/* An open folder to walk through, or NULL; links are not followed. */
static DIR *open_folder(int parent, const char *name)
{
	int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *walk = folder < 0 ? NULL : fdopendir(folder);
	if (folder >= 0 && !walk)
		close(folder);
	return walk;
}

/* The next name that is neither . nor .., or NULL. */
static const char *next_name(DIR *walk)
{
	const struct dirent *entry;
	do
		entry = readdir(walk);
	while (entry && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
	return entry ? entry->d_name : NULL;
}

static void remove_at(int parent, const char *name);

static void empty_at(int parent, const char *name)
{
	const char *inner;
	DIR *walk = open_folder(parent, name);
	if (!walk)
		return;
	while ((inner = next_name(walk)))
		remove_at(dirfd(walk), inner);
	closedir(walk);
}

static void remove_at(int parent, const char *name)
{
	if (unlinkat(parent, name, 0) == 0)
		return;
	empty_at(parent, name);
	unlinkat(parent, name, AT_REMOVEDIR);
}

/* A file system without locks costs the protection, not the run. */
static int lock_at(int parent, const char *name)
{
	int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder < 0)
		return -errno;
	if (flock(folder, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
		close(folder);
		return -EWOULDBLOCK;
	}
	return folder;
}

/* Whoever held it may have removed it between our opening and our locking. */
static bool is_gone(int folder)
{
	struct stat status;
	return fstat(folder, &status) == 0 && status.st_nlink == 0;
}

int checkpoint_folder_hold(const char *path, bool anew)
{
	int folder = -ENOENT;
	while (folder == -ENOENT) {
		if (mkdir(path, 0700) < 0 && errno != EEXIST)
			return -errno;
		folder = lock_at(AT_FDCWD, path);
		if (folder >= 0 && is_gone(folder)) {
			close(folder);
			folder = -ENOENT;
		}
	}
	if (folder < 0)
		return folder;
	if (anew)
		empty_at(AT_FDCWD, path);
	futimens(folder, NULL);
	return folder;
}

void checkpoint_folder_remove(const char *path)
{
	remove_at(AT_FDCWD, path);
}

static bool is_old(int study, const char *name, time_t before)
{
	const size_t length = strlen(name), suffix = strlen(CHECKPOINT_FOLDER_SUFFIX);
	struct stat status;
	return length > suffix && strcmp(name + length - suffix, CHECKPOINT_FOLDER_SUFFIX) == 0 &&
	       fstatat(study, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_mtime < before;
}

static void sweep_study(int runs, const char *study, time_t before)
{
	const char *name;
	DIR *walk = open_folder(runs, study);
	while (walk && (name = next_name(walk))) {
		if (!is_old(dirfd(walk), name, before))
			continue;
		int folder = lock_at(dirfd(walk), name);
		if (folder == -EWOULDBLOCK)
			continue;
		log_info("nobody went on with %s/%s: it is removed", study, name);
		remove_at(dirfd(walk), name);
		if (folder >= 0)
			close(folder);
	}
	if (walk)
		closedir(walk);
}

void checkpoint_folders_sweep(const char *home, time_t before)
{
	const char *study;
	int folder = open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *walk = folder < 0 ? NULL : open_folder(folder, HOME_RUNS);
	while (walk && (study = next_name(walk)))
		sweep_study(dirfd(walk), study, before);
	if (walk)
		closedir(walk);
	if (folder >= 0)
		close(folder);
}
