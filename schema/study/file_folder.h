/* Folders among the files of a study: what is called encoder/config.json and encoder/vocab.txt
 * makes up the folder `encoder`, and each of them is a file as any other. */
#ifndef SCHEMA_STUDY_FILE_FOLDER_H
#define SCHEMA_STUDY_FILE_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

/* True for a name that leads nowhere but down: parts with single slashes between them, none of them
 * empty, "." or "..". */
bool file_name_is_good(const char *name);

/* Bytes of the folder's part of a file's name; 0 when it is in none. */
size_t file_folder_name_length(const char *name);

/* True when the file called `name` is one of the folder called `folder` (length bytes). */
bool file_folder_has(const char *folder, size_t length, const char *name);

/* How much of `path` is the folder in which the file called `name` lies under the rest of its name;
 * 0 when it lies elsewhere, or in none. */
size_t file_folder_path_length(const char *path, const char *name);

#endif
