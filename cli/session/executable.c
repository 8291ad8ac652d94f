#include "cli/session/executable.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_UNSET "/bin:/usr/bin" /* what execvp takes */

static int look_at(const char *path)
{
	struct stat status;
	if (stat(path, &status) < 0)
		return errno == EACCES ? -EACCES : -ENOENT;
	if (S_ISDIR(status.st_mode))
		return -EISDIR;
	return access(path, X_OK) < 0 ? -EACCES : 0;
}

/* An empty folder in PATH is the one at hand. What may not be executed is passed over, but
 * remembered when nothing else is found. */
static int search_path(const char **out, struct arena *arena, const char *name)
{
	const char *folder = getenv("PATH");
	int worst = -ENOENT;
	for (folder = folder ? folder : PATH_UNSET;; folder++) {
		size_t length = strcspn(folder, ":");
		const char *path =
		        arena_printf(arena, "%.*s/%s", length ? (int)length : 1, length ? folder : ".", name);
		if (!path)
			return -ENOMEM;
		int rc = look_at(path);
		if (rc == 0) {
			*out = path;
			return 0;
		}
		worst = rc == -EACCES ? rc : worst;
		folder += length;
		if (!*folder)
			return worst;
	}
}

int executable_find(const char **out, struct arena *arena, const char *name)
{
	if (!*name)
		return -ENOENT;
	if (!strchr(name, '/'))
		return search_path(out, arena, name);
	int rc = look_at(name);
	const char *copy = rc == 0 ? arena_strdup(arena, name) : NULL;
	if (rc == 0 && !copy)
		return -ENOMEM;
	if (rc == 0)
		*out = copy;
	return rc;
}
