/* The configuration that the user has anyway: one trial of the study, before all others, marked by
 * the user attribute kre:defaults. It is queued like any other; what follows has to beat it. */
#ifndef DAEMON_STUDIES_DEFAULTS_H
#define DAEMON_STUDIES_DEFAULTS_H

#include "daemon/studies/live.h"

#define DEFAULTS_OF_FILE "of the study file"

/* Queues the point (NAN = drawn when it starts) as the study's defaults, unless it is that already.
 * 0 or an error. */
int defaults_queue(struct study *study, const double *point, const char *of);

/* Notes in memory that the trial has them. 0 or -ENOMEM. */
int defaults_mark(struct trial *trial, const char *of);

#endif
