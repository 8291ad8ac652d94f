/* The environment of a trainer: the agent's own, and what tells a program about its run
 * (PROTOCOL.md, Trainer side). */
#ifndef WORKER_AGENT_ENVIRONMENT_H
#define WORKER_AGENT_ENVIRONMENT_H

#include <stdint.h>

#include "schema/api/work.h"
#include "schema/base/error.h"
#include "worker/agent/run_folder.h"

#define REPORT_FD 3 /* KRE_REPORT_FD of every trainer */

/* What a trainer is told of. */
struct environment_facts {
	const struct assigned_run *run;
	int64_t threads; /* 0 = as many as it likes */
	const struct run_folder *folder;
	const char *cache; /* folder of this machine that programs may share */
};

/* Fills *out (NULL-terminated, in `arena`). Of the daemon's `env` only KRE_… and WANDB_… are taken:
 * names like LD_PRELOAD would let it run what the owner did not allow, and KRE_FILE_… let it read
 * what is no file of the study. 0, or negative with a sentence: -ENOMEM; -ENOENT when the stand-in
 * for W&B's client is not here. */
int environment_build(char ***out, struct arena *arena, const struct environment_facts *facts, struct error *error);

#endif
