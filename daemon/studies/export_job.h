/* A copy of the trial file, written beside the loop: it takes as long as reading the file. Whoever
 * asked for it owns the job. */
#ifndef DAEMON_STUDIES_EXPORT_JOB_H
#define DAEMON_STUDIES_EXPORT_JOB_H

#include "schema/base/error.h"

struct export_job;
struct study_table;

/* Writes a copy to `path` (store_export.h). *held is NULL at first and the same when the question
 * is repeated, then for study_export_job_destroy, whatever the answer. 0, STUDIES_LATER, or a
 * negative errno with a sentence. */
int study_table_export(
        struct export_job **held, const struct study_table *table, const char *path, struct error *error);

/* Forgets a copy, under way or not, which is written all the same; NULL is fine. */
void study_export_job_destroy(struct export_job *export);

#endif
