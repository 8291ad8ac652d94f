/* The command line of one trial of a study, as a worker of this machine would start it. */
#ifndef CLI_SESSION_STUDY_COMMAND_H
#define CLI_SESSION_STUDY_COMMAND_H

#include "schema/base/error.h"
#include "schema/study/command.h"

struct study_command {
	struct command words; /* ${run_dir} and ${args_json_file} stay: there is no run */
	const char *named;    /* what --allow-command has to say: the first word as the daemon sends it, or "*" */
};

/* Draws one point of the study's space, always the same, and builds its command line, of trial and
 * fold 0; in the arena. 0; -EINVAL when it has no word; -ENOENT when it asks for a file that the
 * study does not have; -ENOMEM; each with a sentence. */
int study_command_sample(
        struct study_command *out, struct arena *arena, const struct study_spec *spec, struct error *error);

#endif
