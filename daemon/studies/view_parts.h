/* What answers of several kinds show of a study and its trials. */
#ifndef DAEMON_STUDIES_VIEW_PARTS_H
#define DAEMON_STUDIES_VIEW_PARTS_H

#include "daemon/studies/live.h"
#include "schema/api/trial.h"
#include "schema/base/arena.h"

/* A point with the constants as JSON, in `arena`; the constants alone. 0 or -ENOMEM. */
int view_point(const char **out, const struct space *space, const double *point, struct arena *arena);
int view_constants(const char **out, const struct study *study, struct arena *arena);

/* Seconds since the trial started, or until it was over; NAN = not started. */
double view_duration_s(const struct trial *trial);

/* One line of a list of trials, without the constants, in `arena`; strings are borrowed until the
 * next call that writes. 0 or -ENOMEM. */
int view_trial(struct trial_summary *out, const struct trial *trial, struct arena *arena);

/* The names of the objectives (objective_count) / of the metrics that the constraints bound
 * (constraint_count), in `arena`; the strings are the spec's. 0 or -ENOMEM. */
int view_objectives(const char *const **out, const struct study_spec *spec, struct arena *arena);
int view_constraints(const char *const **out, const struct study_spec *spec, struct arena *arena);

#endif
