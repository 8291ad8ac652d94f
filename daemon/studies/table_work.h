/* Work, asked of the table: ask, report, tell, renew. */
#ifndef DAEMON_STUDIES_TABLE_WORK_H
#define DAEMON_STUDIES_TABLE_WORK_H

#include "daemon/studies/study_table.h"
#include "schema/api/work.h"

/* Hands out the next run under a lease, or says when to ask again. 0, STUDIES_NOT_FOUND, STUDIES_LATER, -ENOMEM, … */
int study_table_ask(struct study_table *table, const struct ask *ask, struct assignment *out, struct arena *arena,
        struct error *error);

/* A value at a step. *stop: "" = go on, else "pruned", "cancelled", "lost" (static). 0, STUDIES_NOT_FOUND, STUDIES_BAD_REQUEST. */
int study_table_report(
        struct study_table *table, const struct report_request *report, const char **stop, struct error *error);

/* The end of a run, as its holder says. *state is the trial's state after it. 0, STUDIES_NOT_FOUND, STUDIES_LEASE_LOST,
 * STUDIES_NOT_A_NUMBER, STUDIES_BAD_REQUEST. */
int study_table_tell(
        struct study_table *table, const struct tell_request *tell, enum trial_state *state, struct error *error);

/* Renews leases; `stop` of each claim says whether it is lost or should stop. *expires_s is how long they live. 0. */
int study_table_renew(
        struct study_table *table, struct lease_claim *claims, size_t count, double *expires_s, struct error *error);

#endif
