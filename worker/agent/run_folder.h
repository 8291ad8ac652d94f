/* The private folder of one run and the files a program finds in it. */
#ifndef WORKER_AGENT_RUN_FOLDER_H
#define WORKER_AGENT_RUN_FOLDER_H

#include "schema/api/work.h"
#include "schema/base/arena.h"
#include "schema/base/error.h"

struct run_folder {
	const char *path; /* absolute */
	const char *
	        checkpoint; /* absolute; the same for every attempt at the run, unless one that was lost has it still */
	int checkpoint_lock;     /* holds it (checkpoint_folder.h): to be closed when the attempt has ended */
	const char *params_file; /* params.json: one object */
	const char *sweep_file;  /* sweep-params.yaml: W&B's form, `name: {value: …}` */
};

/* Makes HOME/runs/STUDY/NUMBER-FOLD-ATTEMPT with both files from the run's `params`, and
 * NUMBER-FOLD.checkpoint beside it, mode 0700; NUMBER-FOLD-ATTEMPT.checkpoint while another attempt
 * holds that. Paths are in `arena`. 0 or negative with a sentence. */
int run_folder_make(struct run_folder *out, struct arena *arena, const char *home, const struct assigned_run *run,
        struct error *error);

#endif
