/* A read of the table: one trial with its runs and their curves. */
#ifndef DAEMON_STUDIES_TABLE_TRIAL_H
#define DAEMON_STUDIES_TABLE_TRIAL_H

#include "daemon/studies/study_table.h"
#include "schema/api/trial.h"

/* Reads. Everything known of one trial, in `arena`. Of its reports a page, as the request says, or
 * so many spread evenly that an answer has room for them. 0, STUDIES_NOT_FOUND, -ENOMEM, … */
int study_table_trial(struct trial_detail *out, struct study_table *table, const struct trial_request *request,
        struct arena *arena, struct error *error);

#endif
