/* Files of the study that were fetched, as a run's program finds them: under their own names, in
 * the folder of the run. */
#ifndef WORKER_AGENT_INPUT_FILES_H
#define WORKER_AGENT_INPUT_FILES_H

#include "schema/api/work.h"
#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "worker/agent/file_search.h"
#include "worker/agent/run_folder.h"

/* Makes RUN_DIR/files/N/NAME, a link to each file that was found elsewhere than at its path, NAME
 * being the last part of that path, and gives the run these paths, which live in `arena`. 0, or a
 * negative errno with a sentence. */
int input_files_place(struct assigned_run *run, const struct found_file *found, const struct run_folder *folder,
        struct arena *arena, struct error *error);

#endif
