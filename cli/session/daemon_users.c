#define _GNU_SOURCE /* flock */
#include "cli/session/daemon_users.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/base/arena.h"
#include "schema/base/home.h"

int daemon_users_join(const char *home)
{
	struct arena arena = ARENA_NULL;
	const char *path = arena_printf(&arena, "%s/" HOME_USERS, home);
	int users = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
	arena_finish(&arena);
	while (users >= 0 && flock(users, LOCK_SH) < 0 && errno == EINTR)
		;
	return users > 0 ? users : 0;
}

/* The mark is the length of the file, which writing never lessens. */
void daemon_users_mark(int users, enum daemon_fate fate)
{
	if (users > 0 && pwrite(users, ".", 1, fate - 1) < 0)
		return; /* a full disk: the daemon stays */
}

bool daemon_users_is_last(int users)
{
	struct stat status;
	return users > 0 && flock(users, LOCK_EX | LOCK_NB) == 0 && fstat(users, &status) == 0 &&
	       status.st_size == DAEMON_ENDS;
}
