/* Work, asked of the table: ask, report, tell, renew. */
#ifndef DAEMON_STUDIES_TABLE_WORK_H
#define DAEMON_STUDIES_TABLE_WORK_H

#include "daemon/studies/study_table.h"
#include "schema/api/lease.h"
#include "schema/api/work.h"

/* Hands out the next run under a lease, or says when to ask again; in `arena`. 0,
 * STUDIES_NOT_FOUND, STUDIES_LATER, -ENOMEM, … */
int study_table_ask(struct ask_answer *out, struct study_table *table, const struct ask_request *ask,
        struct arena *arena, struct error *error);

/* A value at a step. 0, STUDIES_NOT_FOUND, STUDIES_LEASE_LOST (it is somebody else's),
 * STUDIES_BAD_REQUEST. */
int study_table_report(
        struct report_answer *out, struct study_table *table, const struct report_request *report, struct error *error);

/* The end of a run, as its holder says. 0, STUDIES_NOT_FOUND, STUDIES_LEASE_LOST,
 * STUDIES_NOT_A_NUMBER, STUDIES_BAD_REQUEST. */
int study_table_tell(
        struct tell_answer *out, struct study_table *table, const struct tell_request *tell, struct error *error);

/* What that holder has out is lost, for that reason, and is handed out again. *count = so many
 * runs. 0 or an error. */
int study_table_lose_runs(
        int64_t *count, struct study_table *table, int64_t holder, const char *reason, struct error *error);

/* Renews leases, and says which are lost or should stop; in `arena`. 0 or -ENOMEM. */
int study_table_renew(
        struct renew_answer *out, struct study_table *table, const struct renew_request *renewal, struct arena *arena);

#endif
