#define _GNU_SOURCE /* flock, realpath */
#include "daemon/home.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/base/home.h"
#include "schema/base/home_restored.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"

static char *join(const char *folder, const char *name)
{
	struct text path = TEXT_NULL;
	text_printf(&path, "%s/%s", folder, name);
	return text_take(&path);
}

/* A folder that is open to others is refused, not closed: it may be somebody's /tmp. */
static int check_folder(const char *folder, struct error *error)
{
	struct stat status;
	if (stat(folder, &status) < 0)
		return error_set(error, -errno, "%s: %s", folder, strerror(errno));
	if (!S_ISDIR(status.st_mode))
		return error_set(error, -ENOTDIR, "%s is not a folder", folder);
	int rc = home_check_owner(folder, error);
	if (rc < 0)
		return rc;
	if (status.st_mode & 077)
		return error_set(error, -EPERM, "%s is open to others; give it a folder of its own, or: chmod 700 %s",
		        folder, folder);
	return 0;
}

static int make_folder(struct home *home, const char *folder, struct error *error)
{
	if (mkdir(folder, 0700) < 0 && errno != EEXIST)
		return error_set(error, -errno, "cannot make the folder %s: %s", folder, strerror(errno));
	int rc = check_folder(folder, error);
	if (rc < 0)
		return rc;
	char *absolute = realpath(folder, NULL);
	if (!absolute)
		return error_set(error, -errno, "%s: %s", folder, strerror(errno));
	home->folder = memory_strdup(absolute);
	free(absolute);
	return home->folder ? 0 : error_no_memory(error);
}

/* The lock is the proof that no other daemon serves this folder; it goes with the process, however
 * that ends. */
static int lock(struct home *home, struct error *error)
{
	home->lock = join(home->folder, HOME_LOCK);
	if (!home->lock)
		return error_no_memory(error);
	home->lock_fd = open(home->lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int rc = home->lock_fd < 0 ? -errno : flock(home->lock_fd, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
	if (rc == -EWOULDBLOCK)
		rc = error_set(error, -EBUSY, "another daemon already serves %s", home->folder);
	else if (rc < 0)
		error_set(error, rc, "%s: %s", home->lock, rc == -ELOOP ? "it is a link" : strerror(-rc));
	return rc;
}

/* What command lines noted of another daemon says nothing of this one: should it not be theirs, the
 * next of them would end it. */
static void forget_users(const struct home *home)
{
	char *path = join(home->folder, HOME_USERS);
	int users = path ? open(path, O_WRONLY | O_TRUNC | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW) : -1;
	if (users >= 0)
		close(users);
	memory_free(path);
}

int home_init(struct home *home, const char *folder, struct error *error)
{
	struct home made = HOME_NULL;
	int rc = make_folder(&made, folder, error);
	if (rc == 0)
		rc = lock(&made, error);
	if (rc == 0)
		rc = home_settle(made.folder, error);
	if (rc == 0) {
		forget_users(&made);
		made.database = join(made.folder, HOME_DATABASE);
		made.socket = join(made.folder, HOME_SOCKET);
		made.keys = join(made.folder, HOME_KEYS);
		made.blobs = join(made.folder, HOME_BLOBS);
		if (!made.database || !made.socket || !made.keys || !made.blobs)
			rc = error_no_memory(error);
	}
	if (rc < 0)
		home_finish(&made);
	else
		*home = made;
	return rc;
}

void home_finish(struct home *home)
{
	memory_free(home->folder);
	memory_free(home->database);
	memory_free(home->socket);
	memory_free(home->lock);
	memory_free(home->keys);
	memory_free(home->blobs);
	if (home->lock_fd >= 0)
		close(home->lock_fd);
	*home = HOME_NULL;
}
