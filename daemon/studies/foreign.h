/* Trials of other programs in a live study: Optuna's workers on the same file. They have no runs
 * here, are no part of the budget, and may change until they are finished. */
#ifndef DAEMON_STUDIES_FOREIGN_H
#define DAEMON_STUDIES_FOREIGN_H

#include "daemon/studies/live.h"

/* Counts a trial that was not run here, which is new / is about to change or go. */
void foreign_count(struct trial *trial);
void foreign_uncount(struct trial *trial);

/* A trial that memory does not have yet: takes it in with its steps, and its end. 0 or an error. */
int foreign_admit(struct study *study, const struct trial_record *record);

/* The same trial as the file has it now. 0 or an error; -ESTALE: it cannot have become that, or a
 * step does not say any more what it said. */
int foreign_update(struct trial *trial, const struct trial_record *record);

#endif
