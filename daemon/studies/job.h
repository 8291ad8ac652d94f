/* Something that takes too long for the loop (study_table.h): lent to another thread, then taken
 * back. */
#ifndef DAEMON_STUDIES_JOB_H
#define DAEMON_STUDIES_JOB_H

#include <stdbool.h>

/* The first member of what the job is about. */
struct study_job {
	bool is_long;
	void (*run)(struct study_job *job);   /* on any thread; touches only what was lent */
	int (*settle)(struct study_job *job); /* on the loop's, ran or not; frees what nobody waits for. 0 or -ENOMEM */
};

/* Does the work. On any thread, at most once; it touches nothing but what the job was lent. */
void study_job_run(struct study_job *job);

/* True for one that may take a second; others take some hundredths. */
bool study_job_is_long(const struct study_job *job);

#endif
