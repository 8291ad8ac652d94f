/* Whether this machine has what the command of a study starts. */
#ifndef CLI_SESSION_STUDY_PROGRAM_H
#define CLI_SESSION_STUDY_PROGRAM_H

#include "cli/session/study_command.h"

struct study_program {
	const struct study_command *command;
	const struct study_spec *spec;
	const char *study_file; /* its path: a script that is missing here may be beside it */
};

/* Looks for the program in the way that exec does, behind `env` for the one that it starts, behind
 * an interpreter for its script, and at the first line of a script. What only the program itself
 * can know (`bash -c`, `docker run`) is taken to be there. 0, or -ENOENT, -EACCES, -EISDIR or
 * -ENOEXEC with a sentence that says what to write; -ENOMEM. */
int study_program_find(const struct study_program *program, struct error *error);

/* A sweep of a Python function (wandb.agent(id, function=f)) names no program, and kre-train would
 * run in its place. 0, or STUDY_PROGRAM_UNNAMED with a sentence when kre-train cannot be meant: it
 * has no rows or does not report the study's metric. */
#define STUDY_PROGRAM_UNNAMED 1
int study_program_is_meant(const struct study_spec *spec, struct error *error);

#endif
