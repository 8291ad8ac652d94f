/* What a study's trials are worth by their configurations (daemon/samplers/estimates.h), worked out
 * as a job on a copy of the history: it takes as long as a suggestion. The study keeps what came of
 * it until more trials are complete. */
#ifndef DAEMON_STUDIES_ESTIMATES_JOB_H
#define DAEMON_STUDIES_ESTIMATES_JOB_H

#include "daemon/samplers/estimates.h"
#include "daemon/studies/table.h"

/* The estimates, or NULL where there are none: several objectives, too few or too many trials, no
 * model. Borrowed from the study. 0; STUDIES_LATER while a job is under way: ask again when it has
 * been taken back; -ENOMEM. */
int estimates_now(const struct estimates **out, struct study_table *table, struct study *study);

/* Has them worked out, without waiting, before it is decided whose models stay: where more trials
 * than keep their models are not among those that they rest on. 0 or -ENOMEM. */
int estimates_prepare(struct study_table *table, const struct study *study);

/* The same of a study that is over: with every trial among them. 0, STUDIES_LATER or -ENOMEM. */
int estimates_finally(struct study_table *table, const struct study *study);

#endif
