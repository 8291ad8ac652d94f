/* Memory brought up to the file, under a running table. */
#ifndef DAEMON_STUDIES_REBUILD_H
#define DAEMON_STUDIES_REBUILD_H

#include "schema/base/error.h"

struct study_table;

/* Takes over what another program wrote: trial by trial where that is enough (refresh.h), else as
 * below. Needs a transaction. 0 or an error with a sentence, as below. */
int table_catch_up(struct study_table *table, struct error *error);

/* Makes memory what the file says: another program wrote to it, a study's file changed, or a turn
 * failed. Studies, trials and runs of before are gone then. Needs a transaction; on failure the old
 * memory stays and the turn must be rolled back. 0 or an error with a sentence. */
int table_rebuild(struct study_table *table, struct error *error);

#endif
