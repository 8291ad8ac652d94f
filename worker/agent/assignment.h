/* A run as the daemon handed it out (trial.ask), made ready for this machine: its folder, files,
 * command and environment. */
#ifndef WORKER_AGENT_ASSIGNMENT_H
#define WORKER_AGENT_ASSIGNMENT_H

#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/study/command.h"
#include "schema/transport/calls.h"
#include "worker/agent/file_search.h"
#include "worker/agent/limits.h"
#include "worker/agent/run_folder.h"

struct agent_assignment {
	bool remote;        /* the daemon is elsewhere: what it names of this machine's disk is looked at twice */
	struct arena arena; /* owns all strings below */
	struct assigned_run *run;
	struct found_file *found; /* owned; where its files are, NULL = at their paths */
	char label[160];          /* "study 12 (fold 0, attempt 1)", for the log */
	const char *cache;        /* of the worker, for what its programs share; borrowed */
	const char *folder;       /* its own, absolute; "" until assignment_prepare */
	struct run_folder held;   /* RUN_FOLDER_NULL until assignment_prepare */
	struct run_resources limits;
	struct command command; /* localised by assignment_localise */
	char **environment;     /* NULL-terminated, the agent's own and the run's; by assignment_prepare */
};

/* Keeps the run of an answer to trial.ask. 0, -EINVAL with a sentence when it makes no sense,
 * -ENOMEM, then run may be NULL. Finish it in every case. */
int assignment_init(
        struct agent_assignment *assignment, const struct call_reply *reply, bool remote, struct error *error);
void assignment_finish(struct agent_assignment *assignment);

/* Makes HOME/runs/STUDY/NUMBER-FOLD-ATTEMPT (mode 0700) with params.json and W&B's
 * sweep-params.yaml, and the folder for checkpoints; places the files that were found, fills in the
 * environment. 0; -EWOULDBLOCK when the folder is in use (run_folder.h); negative when
 * this machine lacks something; with the reason as a sentence. */
int assignment_prepare(struct agent_assignment *assignment, const char *home, struct error *error);

/* Then fills in the command: 0, or negative with what is wrong with it as a sentence. */
int assignment_localise(struct agent_assignment *assignment, struct error *error);

#endif
