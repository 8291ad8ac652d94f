/* The folders that the runs of a study left under the home. */
#ifndef CLI_SESSION_RUN_FOLDERS_H
#define CLI_SESSION_RUN_FOLDERS_H

#include <stddef.h>
#include <stdint.h>

#include "cli/session/session.h"
#include "schema/api/trial.h"
#include "schema/base/run_models.h"

/* HOME/runs/STUDY/NUMBER-FOLD-ATTEMPT of that run, in the session's arena, if there is such a
 * folder; else NULL: a worker with another home ran it, or the folder was removed, or the home is
 * another daemon's. */
const char *run_folders_find(struct session *session, const char *study, int64_t number, const struct run_summary *run);

/* Removes the models of a study's trials that are not to be kept; adds to *freed. 0, also where
 * there is no folder, or a negative errno when something stays. */
int run_folders_drop_models(
        struct models_freed *freed, const char *home, const char *study, const struct models_rule *rule);

/* Removes HOME/runs/STUDY, but leaves the folders of runs that still go on and sets *held to their
 * number. 0, also when there is none, or a negative errno when something else stays. */
int run_folders_remove(size_t *held, const char *home, const char *study);

#endif
