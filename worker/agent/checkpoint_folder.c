#include "worker/agent/checkpoint_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/base/folder.h"
#include "schema/base/home.h"
#include "schema/base/log.h"

int checkpoint_folder_hold(int study, const char *name, bool anew)
{
	int folder = folder_hold(study, name);
	int rc = folder >= 0 && anew ? folder_empty(folder) : 0;
	if (rc < 0) {
		close(folder);
		return rc;
	}
	if (folder >= 0)
		futimens(folder, NULL);
	return folder;
}

void checkpoint_folder_remove(const char *path)
{
	folder_remove(AT_FDCWD, path);
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
	DIR *walk = folder_walk(runs, study);
	while (walk && (name = folder_next(walk))) {
		if (is_old(dirfd(walk), name, before) && folder_remove_unless_held(dirfd(walk), name) == 0)
			log_info("nobody went on with %s/%s: it is removed", study, name);
	}
	if (walk)
		closedir(walk);
}

void checkpoint_folders_sweep(const char *home, time_t before)
{
	const char *study;
	struct error strange;
	int folder = home_check_owner(home, &strange) < 0 ? -EPERM : open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *walk = folder < 0 ? NULL : folder_walk(folder, HOME_RUNS);
	while (walk && (study = folder_next(walk)))
		sweep_study(dirfd(walk), study, before);
	if (walk)
		closedir(walk);
	if (folder >= 0)
		close(folder);
}
