/* From a point to an argv: the macros of study-file.md B.3. */
#ifndef SCHEMA_STUDY_COMMAND_H
#define SCHEMA_STUDY_COMMAND_H

#include "schema/base/arena.h"
#include "schema/study/study_spec.h"

struct command {
	size_t length;
	char **argv; /* (length + 1), NULL-terminated; in the arena handed in */
};

/* Expands the study's command for `point`, by name order, constants included. What only the agent
 * knows stays as it is, see command_localise; a "${" in a parameter's value becomes "${$}{", so
 * that the agent does not take it for a macro. An element with ${param:NAME} of a parameter that is
 * not active is left out. Without `command` and `program` the command is kre-train with one --k=v
 * per parameter (and --data=${file:train} when the study names such a file). 0 or -ENOMEM. */
int command_expand(struct command *out, struct arena *arena, const struct study_spec *spec, const double *point);

/* Where a worker has what a command names. */
struct command_places {
	const char *(*find)(void *context, const char *name); /* the local path of a file, NULL when there is none */
	void *context;
	const char *params_file; /* of ${args_json_file}; NULL = there is none */
	const char *run_dir;     /* the run's folder */
	int64_t seed, number, fold;
	bool guarded; /* ${envvar:X} tells KRE_… and WANDB_… alone, and of these none that holds a secret */
};

/* The agent's part: replaces ${file:NAME} by paths, ${envvar:X}, ${run_dir}, ${number}, ${fold} and
 * ${seed} (below 2^32, which all libraries take), anywhere in an element; ${args_json_file} as a
 * whole one; and ${$} by "$". 0, -ENOMEM, or -ENOENT with a sentence for an unknown file. */
int command_localise(
        struct command *command, struct arena *arena, const struct command_places *places, struct error *error);

#endif
