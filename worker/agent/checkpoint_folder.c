#include "worker/agent/checkpoint_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

static void remove_at(int parent, const char *name)
{
	const char *inner;
	if (unlinkat(parent, name, 0) == 0)
		return;
	DIR *walk = open_folder(parent, name);
	if (!walk)
		return;
	while ((inner = next_name(walk)))
		remove_at(dirfd(walk), inner);
	closedir(walk);
	unlinkat(parent, name, AT_REMOVEDIR);
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
		log_info("nobody went on with %s/%s: it is removed", study, name);
		remove_at(dirfd(walk), name);
	}
	if (walk)
		closedir(walk);
}

void checkpoint_folders_sweep(const char *home, time_t before)
{
	const char *study;
	int folder = open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *walk = folder < 0 ? NULL : open_folder(folder, "runs");
	while (walk && (study = next_name(walk)))
		sweep_study(dirfd(walk), study, before);
	if (walk)
		closedir(walk);
	if (folder >= 0)
		close(folder);
}
