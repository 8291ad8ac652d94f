/* How much each parameter decides, as a job on a copy of the history: it may take a second. The
 * table has one at a time; whoever asked for it owns it. */
#ifndef DAEMON_STUDIES_IMPORTANCE_JOB_H
#define DAEMON_STUDIES_IMPORTANCE_JOB_H

#include "daemon/samplers/importance/importance.h"
#include "daemon/studies/table.h"

struct importance_job;

/* Begins one in table->judging, which must be free. 0, -ENOMEM, or what the table's `work` said. */
int importance_job_begin(struct importance_job **out, struct study_table *table, const struct study *study,
        const struct importance_question *question);

/* What came of it: STUDIES_LATER while it is under way, -ECANCELED when it never ran, else as
 * importance_judge. */
int importance_job_outcome(const struct importance_job *importance);

/* When the outcome is 0: the shares (space count), the space they speak of, and the number of
 * trials. Borrowed. */
const double *importance_job_shares(
        const struct importance_job *importance, const struct space **space, size_t *trial_count);

/* Forgets an importance job, under way or not; NULL is fine. */
void study_importance_job_destroy(struct importance_job *importance);

#endif
