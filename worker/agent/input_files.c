#include "worker/agent/input_files.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "schema/base/folder.h"
#include "schema/study/file_folder.h"

#define FILES_FOLDER "files"

/* A daemon says the path: its last part leads nowhere. */
static const char *own_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	return *name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && strlen(name) < 256 ? name : "file";
}

/* Makes the link `name`, whose parts but the last become folders, below `parent`, which is
 * closed. */
static int link_below(int parent, const char *name, const char *target)
{
	char part[256];
	while (parent >= 0) {
		const size_t length = strcspn(name, "/");
		if (!name[length])
			break;
		if (length >= sizeof part) {
			close(parent);
			return -ENAMETOOLONG;
		}
		snprintf(part, sizeof part, "%.*s", (int)length, name);
		const int next = folder_make(parent, part);
		close(parent);
		parent = next;
		name += length + 1;
	}
	if (parent < 0)
		return parent;
	int rc = symlinkat(target, parent, name) < 0 ? -errno : 0;
	close(parent);
	return rc;
}

/* Makes the link RUN_DIR/files/INDEX/NAME. */
static int link_file(const struct run_folder *run, size_t index, const char *name, const char *target)
{
	char number[24];
	snprintf(number, sizeof number, "%zu", index);
	const int files = folder_make(run->lock, FILES_FOLDER);
	if (files < 0)
		return files;
	const int folder = folder_make(files, number);
	close(files);
	return link_below(folder, name, target);
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
	int rc = link_file(places->folder, index, name, places->found[index].path);
	const char *path = arena_printf(arena, "%s/" FILES_FOLDER "/%zu/%s", places->folder->path, index, name);
	if (rc == 0)
		rc = path ? reword(places->command, file->path, path, arena) : -ENOMEM;
	if (path)
		file->path = path;
	return rc;
}

/* ---- folders ---- */

/* The files of one folder: those whose names begin as that of `files[first]`. */
struct folder_group {
	struct run_file *files; /* (count) all of the run */
	size_t count, first, length;
};

static bool is_in_group(const struct folder_group *group, size_t i)
{
	return file_folder_has(group->files[group->first].name, group->length, group->files[i].name);
}

/* True when all of them are below one folder where the study says. */
static bool is_together(const struct folder_group *group, const struct input_places *places)
{
	const char *root = group->files[group->first].path;
	const size_t length = file_folder_path_length(root, group->files[group->first].name);
	for (size_t i = group->first; length > 0 && i < group->count; i++) {
		const struct run_file *file = &group->files[i];
		if (is_in_group(group, i) && (places->found[i].path || strncmp(file->path, root, length) != 0 ||
		                                     file_folder_path_length(file->path, file->name) != length))
			return false;
	}
	return length > 0;
}

static int place_member(struct folder_group *group, size_t i, const struct input_places *places, struct arena *arena)
{
	struct run_file *file = &group->files[i];
	if (!file_name_is_good(file->name))
		return -EINVAL;
	const char *found = places->found[i].path, *path = arena_printf(arena, "%s/" FILES_FOLDER "/%zu/%s",
	                                                   places->folder->path, group->first, file->name);
	if (!path)
		return -ENOMEM;
	int rc = link_file(places->folder, group->first, file->name, found ? found : file->path);
	file->path = path;
	return rc;
}

/* Once for a folder: at the first of its files. A daemon elsewhere that knows one file of a folder
 * here may have that one read, not what lies beside it. */
static int place_folder(struct folder_group *group, const struct input_places *places, struct arena *arena)
{
	const char *before = group->files[group->first].path, *name = group->files[group->first].name;
	const size_t length = file_folder_path_length(before, name);
	for (size_t i = 0; i < group->first; i++)
		if (is_in_group(group, i))
			return 0;
	if (!places->remote && is_together(group, places))
		return 0;
	int rc = 0;
	for (size_t i = group->first; rc == 0 && i < group->count; i++)
		if (is_in_group(group, i))
			rc = place_member(group, i, places, arena);
	const char *after = group->files[group->first].path;
	const char *from = arena_strndup(arena, before, length);
	const char *to = arena_strndup(arena, after, file_folder_path_length(after, name));
	if (rc < 0 || length == 0)
		return rc;
	return from && to ? reword(places->command, from, to, arena) : -ENOMEM;
}

const char *input_files_folder(const struct assigned_run *run, const char *name, struct arena *arena)
{
	for (size_t i = 0; i < run->files.count; i++) {
		const struct run_file *file = &run->files.items[i];
		const size_t length = file_folder_path_length(file->path, file->name);
		if (length && file_folder_has(name, strlen(name), file->name))
			return arena_strndup(arena, file->path, length);
	}
	return NULL;
}

int input_files_place(
        struct assigned_run *run, const struct input_places *places, struct arena *arena, struct error *error)
{
	struct run_file *files = (struct run_file *)(uintptr_t)run->files.items; /* in the run's own memory */
	int rc = 0;
	for (size_t i = 0; places->found && i < run->files.count && rc == 0; i++) {
		struct folder_group group = {files, run->files.count, i, file_folder_name_length(files[i].name)};
		if (group.length)
			rc = place_folder(&group, places, arena);
		else if (places->found[i].path)
			rc = place(&files[i], i, places, arena);
	}
	return rc < 0 ? error_set(error, rc, "cannot place the study's files in %s: %s", places->folder->path,
	                        strerror(-rc))
	              : 0;
}
