/* Folders by descriptor: nothing below the one that was opened is reached through a link. */
#ifndef SCHEMA_BASE_FOLDER_H
#define SCHEMA_BASE_FOLDER_H

#include <dirent.h>

/* A descriptor of the folder `name` in `parent` (AT_FDCWD: of this process), to be closed; -ENOTDIR
 * for a link, a negative errno. */
int folder_open(int parent, const char *name);

/* As folder_open; where there is none it is made, for its owner alone. */
int folder_make(int parent, const char *name);

/* Makes the folder of that path and those above it, as far as they are not there, each for its
 * owner alone; whose the others are is their owners' business. The text is changed meanwhile, and
 * is afterwards as it was. 0 or a negative errno. */
int folder_make_path(char *path);

/* As folder_make, and holds it (flock) until the descriptor is closed. -EWOULDBLOCK while another
 * program does. */
int folder_hold(int parent, const char *name);

/* The same of one that exists; -ENOENT where there is none. */
int folder_hold_existing(int parent, const char *name);

/* A folder to walk through, or NULL; to be closed by closedir. */
DIR *folder_walk(int parent, const char *name);

/* The next name that is neither . nor .., or NULL. */
const char *folder_next(DIR *walk);

/* Removes all that is in an open folder; links are removed, not followed. 0, or the errno of what
 * could not be removed, negative, after the rest is. */
int folder_empty(int folder);

/* Removes the file, or the folder with all it holds. 0, also when there is none, or as
 * folder_empty. */
int folder_remove(int parent, const char *name);

/* As folder_remove, but -EWOULDBLOCK, and nothing is removed, while another program holds it. */
int folder_remove_unless_held(int parent, const char *name);

#endif
