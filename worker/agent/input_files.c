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

/* `--init=PATH` of a study that was written where the path is. */
static int reword(struct command *command, const char *from, const char *to, struct arena *arena)
{
	const size_t length = strlen(from);
	for (size_t i = 0; i < command->length; i++) {
		const char *word = command->argv[i];
		const size_t all = strlen(word), head = all >= length ? all - length : 0;
		if (all < length || strcmp(word + head, from) != 0 || (head && word[head - 1] != '='))
			continue;
		command->argv[i] = arena_printf(arena, "%.*s%s", (int)head, word, to);
		if (!command->argv[i])
			return -ENOMEM;
	}
	return 0;
}

static int place(struct run_file *file, size_t index, const struct input_places *places, struct arena *arena)
{
	const char *name = own_name(file->path);
	int parent = folder_make(places->folder->lock, FILES_FOLDER);
	if (parent < 0)
		return parent;
	int rc = link_file(parent, index, name, places->found[index].path);
	close(parent);
	const char *path = arena_printf(arena, "%s/" FILES_FOLDER "/%zu/%s", places->folder->path, index, name);
	if (rc == 0)
		rc = path ? reword(places->command, file->path, path, arena) : -ENOMEM;
	if (path)
		file->path = path;
	return rc;
}

int input_files_place(
        struct assigned_run *run, const struct input_places *places, struct arena *arena, struct error *error)
{
	struct run_file *files = (struct run_file *)(uintptr_t)run->files.items; /* in the run's own memory */
	int rc = 0;
	for (size_t i = 0; places->found && i < run->files.count && rc == 0; i++)
		if (places->found[i].path)
			rc = place(&files[i], i, places, arena);
	return rc < 0 ? error_set(error, rc, "cannot place the study's files in %s: %s", places->folder->path,
	                        strerror(-rc))
	              : 0;
}
