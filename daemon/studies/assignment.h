/* What a run brings its worker as the study and a point say: command, parameters, files, rules; and
 * whether a message has room for it. */
#ifndef DAEMON_STUDIES_ASSIGNMENT_H
#define DAEMON_STUDIES_ASSIGNMENT_H

#include "schema/api/work.h"
#include "schema/base/arena.h"
#include "schema/base/error.h"
#include "schema/study/study_spec.h"

/* Fills in what depends on the study and the point (space count) alone; texts are in the arena or
 * the spec's. 0 or -ENOMEM. */
int assignment_fill(struct assigned_run *out, const struct study_spec *spec, const double *point, struct arena *arena);

/* True when no worker could be told of it: a message would be too long. */
bool assignment_is_too_long(const struct assigned_run *run);

/* Whether every answer about a study has room for its file and its longest trial. 0;
 * STUDIES_SPEC_WRONG with a sentence; -ENOMEM. */
int assignment_check(const struct study_spec *spec, struct error *error);

#endif
