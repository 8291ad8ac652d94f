#include "schema/base/home_restored.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/base/folder.h"
#include "schema/base/home.h"

/* The home itself may be a link of its owner's. */
static int open_home(const char *home)
{
	int folder = open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return folder < 0 ? -errno : folder;
}

static bool is_in(int folder, const char *name)
{
	struct stat status;
	return fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool has(const char *home, const char *name)
{
	int folder = open_home(home);
	bool found = folder >= 0 && is_in(folder, name);
	if (folder >= 0)
		close(folder);
	return found;
}

bool home_is_restored(const char *home)
{
	return has(home, HOME_RESTORED);
}

bool home_has_trials(const char *home)
{
	return has(home, HOME_DATABASE) || has(home, HOME_RESTORED "/" HOME_DATABASE);
}

/* ---- to their places ---- */

/* Another file's log would be taken for this one's. */
static int remove_logs(int folder)
{
	static const char *const logs[] = {HOME_DATABASE "-wal", HOME_DATABASE "-shm", HOME_DATABASE "-journal"};
	for (size_t i = 0; i < sizeof logs / sizeof *logs; i++)
		if (unlinkat(folder, logs[i], 0) < 0 && errno != ENOENT)
			return -errno;
	return 0;
}

static int move(int folder, const char *from, const char *to)
{
	return renameat(folder, from, folder, to) < 0 ? -errno : 0;
}

static int move_keys(int folder)
{
	if (!is_in(folder, HOME_RESTORED "/" HOME_KEYS))
		return 0;
	int rc = folder_remove(folder, HOME_KEYS);
	return rc < 0 ? rc : move(folder, HOME_RESTORED "/" HOME_KEYS, HOME_KEYS);
}

static int move_trials(int folder)
{
	if (!is_in(folder, HOME_RESTORED "/" HOME_DATABASE))
		return 0;
	if (is_in(folder, HOME_DATABASE))
		return -EEXIST;
	int rc = remove_logs(folder);
	return rc < 0 ? rc : move(folder, HOME_RESTORED "/" HOME_DATABASE, HOME_DATABASE);
}

int home_settle(const char *home, struct error *error)
{
	int folder = open_home(home);
	int rc = folder < 0 ? folder : 0;
	if (rc == 0 && is_in(folder, HOME_RESTORED)) {
		rc = move_keys(folder);
		if (rc == 0)
			rc = move_trials(folder);
		if (fsync(folder) < 0 && errno == EIO && rc == 0)
			rc = -EIO;
	}
	if (folder >= 0)
		close(folder);
	if (rc == -EEXIST)
		return error_set(error, rc,
		        "%s has a trial file of its own, and one of a backup in " HOME_RESTORED
		        "/: remove one of the two",
		        home);
	return rc < 0 ? error_set(error, rc, "what was restored to %s cannot be put in its place: %s", home,
	                        strerror(-rc))
	              : 0;
}

int home_forget_restored(const char *home)
{
	int folder = open_home(home);
	if (folder < 0)
		return folder;
	int rc = folder_remove(folder, HOME_RESTORED);
	close(folder);
	return rc;
}
