/* Something that takes too long for the loop (study_table.h): lent to another thread, then taken back. */
#ifndef DAEMON_STUDIES_JOB_H
#define DAEMON_STUDIES_JOB_H

#include <stdbool.h>

/* The first member of what the job is about. */
struct study_job {
	bool is_long;
	void (*run)(struct study_job *job);   /* on any thread; touches only what was lent */
	int (*settle)(struct study_job *job); /* on the loop's, ran or not; frees what nobody waits for. 0 or -ENOMEM */
};

#endif
