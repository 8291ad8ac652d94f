/* What exec would start under a name. */
#ifndef CLI_SESSION_EXECUTABLE_H
#define CLI_SESSION_EXECUTABLE_H

#include "schema/base/arena.h"

/* The path (in the arena) of the program that execvp starts under that name: the name itself when
 * it has a slash, else the first that PATH leads to. 0; -ENOENT when there is none; -EACCES when it
 * may not be executed; -EISDIR when it is a folder; -ENOMEM. */
int executable_find(const char **out, struct arena *arena, const char *name);

#endif
