/* How much of an answer things take, so that it has room for all: upper bounds in bytes of JSON. */
#ifndef DAEMON_STUDIES_VIEW_BOUNDS_H
#define DAEMON_STUDIES_VIEW_BOUNDS_H

#include "schema/api/study.h"
#include "schema/api/trial.h"

/* Of a string without its quotes. */
size_t bytes_of_text(const char *text);

/* Of metrics by name. */
size_t bytes_of_metrics(const struct run_metrics *metrics);

/* Of one line of a list. */
size_t bytes_of_trial(const struct trial_summary *trial);
size_t bytes_of_headline(const struct study_headline *headline);
size_t bytes_of_foreign(const struct foreign_study *study);

/* Adds the run without its reports to *used. What would pass `most` is left out: its tables first,
 * then its metrics, then its reason. */
void bound_run(struct run_summary *run, size_t *used, size_t most);

#endif
