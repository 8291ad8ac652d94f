/* What a study's program does by itself, asked of the program: only kre-train says it. */
#ifndef CLI_SESSION_PROGRAM_DEFAULTS_H
#define CLI_SESSION_PROGRAM_DEFAULTS_H

#include "schema/base/arena.h"
#include "schema/study/study_spec.h"

struct program_defaults {
	const char *params; /* JSON: a value for what the study searches; NULL = nobody knows */
	const char *of;     /* "of kre-train", and where the study has not its value, which one is nearest */
};

/* Asks the kre-train beside this program, or in PATH, where the study runs it, its file says
 * nothing of defaults and its sampler does not count points; in the arena. A value that the study
 * does not have becomes the nearest one, of words the first. A program that does not answer is no
 * error: 0 or -ENOMEM. */
int program_defaults_find(struct program_defaults *out, struct arena *arena, const struct study_spec *spec);

#endif
