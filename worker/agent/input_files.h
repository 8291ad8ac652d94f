/* Files of the study that were fetched, as a run's program finds them: under their own names, in
 * the folder of the run. */
#ifndef WORKER_AGENT_INPUT_FILES_H
#define WORKER_AGENT_INPUT_FILES_H

#include "schema/api/work.h"
#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/study/command.h"
#include "worker/agent/file_search.h"
#include "worker/agent/run_folder.h"

/* Where the files were found, and who is to see them. */
struct input_places {
	const struct found_file *found; /* one for each file of the run; NULL = all are at their paths */
	const struct run_folder *folder;
	struct command *command;
	bool remote; /* the daemon is on another machine */
};

/* Makes RUN_DIR/files/N/NAME, a link to each file that was found elsewhere than at its path, NAME
 * being the last part of that path, and gives the run these paths, which live in `arena`, and also
 * the words of its command that are that path or end with = and it. The files of a folder stay
 * together: where one of them was found elsewhere, or the daemon is remote, all are in
 * RUN_DIR/files/N/FOLDER under the rest of their names. 0, or a negative errno with a sentence. */
int input_files_place(
        struct assigned_run *run, const struct input_places *places, struct arena *arena, struct error *error);

/* The folder of that name whose files the run has, as a path in `arena`; NULL when there is none,
 * or without memory. */
const char *input_files_folder(const struct assigned_run *run, const char *name, struct arena *arena);

#endif
