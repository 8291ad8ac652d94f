/* Figures of the table, for who watches the daemon. */
#ifndef DAEMON_STUDIES_TABLE_FIGURES_H
#define DAEMON_STUDIES_TABLE_FIGURES_H

#include "daemon/studies/study_table.h"
#include "schema/api/metrics.h"

/* Reads. Studies, trials and runs by state; leases; what happened since the daemon's start. Costs a
 * few words per study. The rest of *out stays as it is. */
void study_table_figures(struct metrics_answer *out, const struct study_table *table);

#endif
