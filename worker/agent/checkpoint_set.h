/* What another attempt at a run kept, put where this one goes on from it. */
#ifndef WORKER_AGENT_CHECKPOINT_SET_H
#define WORKER_AGENT_CHECKPOINT_SET_H

#include "schema/api/work.h"
#include "worker/agent/file_search.h"
#include "worker/agent/run_folder.h"

/* Puts the run's checkpoint, `found` (run->checkpoint.count) in their order, into the folder for
 * checkpoints, instead of what lies there; unless the attempt that kept it ran here, for what it
 * left here is at least as new. What cannot be placed is left out as a whole, and the log says
 * so: the run begins anew. */
void checkpoint_set_place(
        const struct assigned_run *run, const struct found_file *found, const struct run_folder *folder);

#endif
