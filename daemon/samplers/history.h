/* Trials as matrices: all that samplers see of a study. It is updated trial by trial; samplers only
 * read it. */
#ifndef DAEMON_SAMPLERS_HISTORY_H
#define DAEMON_SAMPLERS_HISTORY_H

#include <stdint.h>

#include "schema/space/space.h"
#include "schema/study/study_spec.h"
#include "schema/study/trial.h"

struct history;

/* An empty history for a space and objectives (borrowed, must outlive it). 0 or -ENOMEM. */
int history_create(
        struct history **out, const struct space *space, const struct objective *objectives, size_t objective_count);
void history_destroy(struct history *history);

/* A trial is handed out (or found RUNNING in the file): `point` (space count) is copied. Numbers
 * are unique; any order. 0 or -ENOMEM. */
int history_start(struct history *history, int64_t number, const double *point);

/* The value reported last by a running trial (its largest step): orders pruned trials. Unknown
 * numbers are ignored. */
void history_report(struct history *history, int64_t number, int64_t step, double value);

/* The trial finished; `values` (objective count; NULL for PRUNED/FAILED). `violation` is the sum of
 * positive constraint values, 0 = feasible. Of failed trials samplers learn that their points were
 * tried, gp also that these are no good ones. */
void history_finish(
        struct history *history, int64_t number, enum trial_state state, const double *values, double violation);

/* What a finished trial is taken to be worth by all that is known (`mean`; NAN: nothing is said),
 * and with what variance its value of the first objective was measured: of the mean over its runs
 * when it is complete, of `mean` when it was stopped; 0 = not given. It may be said anew at any
 * time. Unknown numbers are ignored. */
void history_estimate(struct history *history, int64_t number, double mean, double variance);

/* The trial was deleted from the file. Unknown numbers are ignored. */
void history_remove(struct history *history, int64_t number);

/* Lends the history to a reader on another thread: until history_return its rows do not change, and
 * the changes above are noted instead. Not to be lent twice. */
void history_lend(struct history *history);

/* Ends the loan, if there is one, and makes the noted changes, in order. 0, or -ENOMEM when some of
 * them were lost. */
int history_return(struct history *history);

/* A copy with the noted changes made. 0 or -ENOMEM. */
int history_copy(struct history **out, struct history *history);

/* Number of trials in a state. */
size_t history_count(const struct history *history, enum trial_state state);

#endif
