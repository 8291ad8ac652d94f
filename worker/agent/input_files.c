#include "worker/agent/input_files.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "schema/base/folder.h"

#define FILES_FOLDER "files"

/* A daemon says the path: its last part leads nowhere. */
static const char *own_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	return *name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && strlen(name) < 256 ? name : "file";
}

static int link_file(int parent, size_t index, const char *name, const char *target)
{
	char number[24];
	snprintf(number, sizeof number, "%zu", index);
	int folder = folder_make(parent, number);
	if (folder < 0)
		return folder;
	int rc = symlinkat(target, folder, name) < 0 ? -errno : 0;
	close(folder);
	return rc;
}

static int place(struct run_file *file, size_t index, const struct found_file *found, const struct run_folder *folder,
        struct arena *arena)
{
	const char *name = own_name(file->path);
	int parent = folder_make(folder->lock, FILES_FOLDER);
	if (parent < 0)
		return parent;
	int rc = link_file(parent, index, name, found->path);
	close(parent);
	const char *path = arena_printf(arena, "%s/" FILES_FOLDER "/%zu/%s", folder->path, index, name);
	if (path)
		file->path = path;
	return path ? rc : -ENOMEM;
}

int input_files_place(struct assigned_run *run, const struct found_file *found, const struct run_folder *folder,
        struct arena *arena, struct error *error)
{
	struct run_file *files = (struct run_file *)(uintptr_t)run->files.items; /* in the run's own memory */
	int rc = 0;
	for (size_t i = 0; found && i < run->files.count && rc == 0; i++)
		if (found[i].path)
			rc = place(&files[i], i, &found[i], folder, arena);
	return rc < 0 ? error_set(error, rc, "cannot place the study's files in %s: %s", folder->path, strerror(-rc))
	              : 0;
}
