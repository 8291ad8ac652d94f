/* The private folder of one run and the files a program finds in it. */
#ifndef WORKER_AGENT_RUN_FOLDER_H
#define WORKER_AGENT_RUN_FOLDER_H

#include "schema/api/work.h"
#include "schema/base/arena.h"
#include "schema/base/error.h"

struct run_folder {
	const char *home; /* absolute, as all of these */
	const char *path;
	int lock;                /* holds `path` (schema/base/folder.h) */
	const char *checkpoint;  /* the same for every attempt at the run, unless a lost one has it still */
	int checkpoint_lock;     /* holds that */
	const char *params_file; /* params.json: one object */
	const char *sweep_file;  /* sweep-params.yaml: W&B's form, `name: {value: …}` */
};

#define RUN_FOLDER_NULL ((struct run_folder){.path = "", .checkpoint = "", .lock = -1, .checkpoint_lock = -1})

/* Makes HOME/runs/STUDY/NUMBER-FOLD-ATTEMPT with both files from the run's `params`, and
 * NUMBER-FOLD-HASH.checkpoint beside it, mode 0700, where HASH is the same for all attempts at the
 * run and another one in another study; NUMBER-FOLD-ATTEMPT.checkpoint while another attempt holds
 * that. What an earlier study of that name left in the first is removed. No link is followed below
 * HOME. Paths are in `arena`. 0, then run_folder_leave; -EWOULDBLOCK when a program of that earlier
 * study still runs there; negative; each with a sentence. */
int run_folder_make(struct run_folder *out, struct arena *arena, const char *home, const struct assigned_run *run,
        struct error *error);

/* The attempt has ended: another program may hold its folders. Repeating it is fine. */
void run_folder_leave(struct run_folder *folder);

#endif
