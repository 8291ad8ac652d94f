/* One run of a trial: a fold on a worker. A lost run stays for its old number's sake; a new one,
 * attempt + 1, takes its place. */
#ifndef DAEMON_STUDIES_RUN_H
#define DAEMON_STUDIES_RUN_H

#include "daemon/studies/live.h"
#include "schema/api/work.h"

/* A run of the trial as the record says. 0 or -ENOMEM. */
int run_create(struct run **out, struct trial *trial, const struct run_record *record);

/* Moves the run to a state that its own may become (asserted). */
void run_move(struct run *run, enum run_state state);

/* Frees the run and the attempts before it; NULL is fine. */
void run_destroy(struct run *run);

/* What the holder is told. */
enum stop_reason run_stop(const struct run *run);

/* The value of the metric that pruning looks at in a report; false when the report does not have
 * it. */
bool run_measures(double *value, const struct run *run, const struct report_request *report);

/* The metric that outcome `index` is: objectives first, then constraints. */
const char *run_outcome_name(const struct run *run, size_t index);

/* Notes the outcomes that a report or a final message carries: each counts as the study's result
 * rule says (`final`: at once). */
void run_note(struct run *run, int64_t step, const struct run_metrics *metrics, bool final);

/* The same for the metric that pruning looks at. */
void run_note_value(struct run *run, int64_t step, double value);

/* Notes what a holder heard in all, also what never arrived. */
void run_note_heard(struct run *run, const struct tell_request *tell);

/* True when it had been handed out at the moment. */
bool run_had_begun(const struct run *run, int64_t moment);

/* The newest attempt of this fold that had begun at the moment, or the oldest. */
const struct run *run_at(const struct run *run, int64_t moment);

/* How many steps it and the lost attempts reported that it repeats. */
int64_t run_steps(const struct run *run);

/* How many attempts were lost one after the other, this one the last, but for those that were
 * handed back further than before or had not begun: one that was stopped and taken up again is
 * none. */
int64_t run_losses(const struct run *lost);

/* True when one of them reported the step. */
bool run_knows(const struct run *run, int64_t step);

/* The value any attempt of this fold reported at the step, the newest first. */
bool run_reported(double *value, const struct run *run, int64_t step);

#endif
