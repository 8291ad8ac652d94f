/* A folder of a study file's `files`, as the files in it. */
#ifndef CLI_SESSION_FOLDER_FILES_H
#define CLI_SESSION_FOLDER_FILES_H

#include <stdbool.h>

#include "schema/base/arena.h"
#include "schema/base/error.h"

enum { FOLDER_FILES_MAX = 256 };

struct folder_files {
	struct arena arena;
	const char *names[FOLDER_FILES_MAX]; /* (count) below the folder, in order of their bytes; in the arena */
	size_t count;
};

#define FOLDER_FILES_NULL ((struct folder_files){0})

/* True when `path` is a folder, or a link to one. */
bool folder_files_are_in(const char *path);

/* Lists the files in the folder and in those below it, links followed; names that begin with a dot
 * are nobody's concern. -EINVAL with a sentence when there are none or too many, -errno with one.
 * Finish it in every case. */
int folder_files_list(struct folder_files *out, const char *path, struct error *error);
void folder_files_finish(struct folder_files *files);

#endif
