/* Which trial to use, asked of the table. */
#ifndef DAEMON_STUDIES_TABLE_BEST_H
#define DAEMON_STUDIES_TABLE_BEST_H

#include "daemon/studies/study_table.h"
#include "schema/api/best.h"
#include "schema/base/arena.h"

/* Reads. Of a study with one objective the trial to name, the best one seen and the defaults; in
 * `arena`. 0, STUDIES_NOT_FOUND, STUDIES_LATER, STUDIES_BAD_REQUEST for no metric or several. */
int study_table_best(struct study_best_answer *out, struct study_table *table, const struct study_request *request,
        struct arena *arena, struct error *error);

#endif
