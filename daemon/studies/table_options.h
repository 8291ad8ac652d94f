/* What the table of studies is given by the program around it. */
#ifndef DAEMON_STUDIES_TABLE_OPTIONS_H
#define DAEMON_STUDIES_TABLE_OPTIONS_H

#include <stdint.h>
#include "schema/api/event.h"
#include "daemon/studies/job.h"

struct study_table_options {
	int64_t lease_ms; /* how long a lease lives without renewal */
	/* Takes a job, to run it on another thread and give it back from the loop (below), never
	 * from within this call. 0, or a negative errno when it is not taken. NULL: nobody takes
	 * jobs, everything is worked out on the spot. */
	int (*work)(void *context, struct study_job *job);
	void (*on_event)(void *context, const struct study_event *event);
	void *context;
};

#endif
