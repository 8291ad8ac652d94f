#include "cli/session/folder_files.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { DEPTH_MAX = 8 }; /* a link may lead back up */

bool folder_files_are_in(const char *path)
{
	struct stat status;
	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

void folder_files_finish(struct folder_files *files)
{
	arena_finish(&files->arena);
	files->count = 0;
}

/* A folder below the one that is listed. */
struct level {
	const char *root, *below; /* "" is the root itself; else it ends with a slash */
	int depth;
};

static int list(struct folder_files *out, const struct level *level, struct error *error);

static int add(struct folder_files *out, const struct level *level, const char *name, struct error *error)
{
	const char *below = arena_printf(&out->arena, "%s%s", level->below, name);
	const char *path = below ? arena_printf(&out->arena, "%s/%s", level->root, below) : NULL;
	struct stat status;
	if (!path)
		return error_no_memory(error);
	if (stat(path, &status) < 0)
		return error_set(error, -errno, "%s: %s", path, strerror(errno));
	if (S_ISDIR(status.st_mode)) {
		const char *deeper = arena_printf(&out->arena, "%s/", below);
		return deeper ? list(out, &(struct level){level->root, deeper, level->depth + 1}, error)
		              : error_no_memory(error);
	}
	if (out->count == FOLDER_FILES_MAX)
		return error_set(error, -EINVAL, "%s holds more than %d files: name those that a run reads",
		        level->root, FOLDER_FILES_MAX);
	out->names[out->count++] = below;
	return 0;
}

static int list(struct folder_files *out, const struct level *level, struct error *error)
{
	const char *path = arena_printf(&out->arena, "%s/%s", level->root, level->below);
	if (!path)
		return error_no_memory(error);
	if (level->depth > DEPTH_MAX)
		return error_set(error, -ELOOP, "%s: folders in folders, more than %d deep", path, DEPTH_MAX);
	DIR *walk = opendir(path);
	if (!walk)
		return error_set(error, -errno, "%s: %s", path, strerror(errno));
	int rc = 0;
	for (struct dirent *entry; rc == 0 && (entry = readdir(walk));)
		if (entry->d_name[0] != '.')
			rc = add(out, level, entry->d_name, error);
	closedir(walk);
	return rc;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int folder_files_list(struct folder_files *out, const char *path, struct error *error)
{
	*out = FOLDER_FILES_NULL;
	int rc = list(out, &(struct level){path, "", 0}, error);
	if (rc == 0 && out->count == 0)
		rc = error_set(error, -EINVAL, "%s is a folder without files", path);
	if (rc == 0)
		qsort(out->names, out->count, sizeof *out->names, by_name);
	return rc;
}
