/* How much each parameter decides, asked of the table. */
#ifndef DAEMON_STUDIES_TABLE_IMPORTANCE_H
#define DAEMON_STUDIES_TABLE_IMPORTANCE_H

#include "daemon/studies/importance_job.h"
#include "daemon/studies/study_table.h"
#include "schema/api/study.h"

struct importance_job; /* on how much each parameter decides */

/* The question, and what it has begun: NULL at first, the same when it is repeated, then for
 * study_importance_job_destroy, whatever the answer. `job` itself is NULL when it is to be answered
 * on the spot. */
struct importance_inquiry {
	const struct importance_request *request;
	struct importance_job **job;
};

/* Reads. How much of the outcome each parameter decides (daemon/samplers/importance/importance.h);
 * in `arena`. 0, STUDIES_NOT_FOUND, STUDIES_LATER, STUDIES_BAD_REQUEST for an unknown method or
 * metric, or for no metric where the method needs one. */
int study_table_importance(struct importance_answer *out, struct study_table *table,
        const struct importance_inquiry *inquiry, struct arena *arena, struct error *error);

#endif
