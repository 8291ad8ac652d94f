/* A trial file that was put back from a backup, and lives on. */
#ifndef DAEMON_STUDIES_TABLE_LIFE_H
#define DAEMON_STUDIES_TABLE_LIFE_H

#include "daemon/studies/study_table.h"

/* Begins the next life of the file: whatever was out is lost and handed out again, and new leases
 * have numbers that are so much higher than those known: the old daemon may have given out others
 * since the copy was made. Commits. 0 with the count of lost runs, STUDIES_BUSY, or a negative
 * errno with a sentence. */
int study_table_begin_life(int64_t *lost, struct study_table *table, int64_t lease_leap, struct error *error);

#endif
