/* The other programs of the house: where they are, and starting them on their own. */
#ifndef CLI_SESSION_PROGRAM_H
#define CLI_SESSION_PROGRAM_H

#include <sys/types.h>

#include "schema/base/text.h"

/* The path of a program of ours: beside this one, else its bare name (to be found by PATH). NULL
 * when out of memory; free with memory_free. */
char *program_find(const char *name);

/* Starts argv[0] in a session of its own, stdin from /dev/null, stdout and stderr appended to
 * `log_path`. 0 or a negated errno (-ENOENT: no such program). */
int program_spawn(pid_t *out, char *const argv[], const char *log_path);

/* Appends what argv[0] prints until it ends well, at most `most` bytes of it. 0; -ENOENT: no such
 * program, or it failed; -ENOMEM; another negated errno. */
int program_output(struct text *out, char *const argv[], size_t most);

#endif
