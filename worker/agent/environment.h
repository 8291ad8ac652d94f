/* The environment of a trainer: the agent's own, and what tells a program about its run (PROTOCOL.md, Trainer side). */
#ifndef WORKER_AGENT_ENVIRONMENT_H
#define WORKER_AGENT_ENVIRONMENT_H

#include "worker/agent/assignment.h"
#include "worker/agent/run_folder.h"

#define REPORT_FD 3 /* KRE_REPORT_FD of every trainer */

/* Fills *out (NULL-terminated, in the assignment's arena). Of the daemon's `env` only KRE_… and WANDB_… are taken: names like
 * LD_PRELOAD would let it run what the owner did not allow. 0 or -ENOMEM. */
int environment_build(char ***out, struct agent_assignment *assignment, const struct run_folder *folder);

#endif
