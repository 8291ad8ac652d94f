/* Repeats of the leaders: the end of a study's budget goes to runs of the trials that could be the
 * best, on fresh splits and with fresh seeds, the same for all of them, so that the choice does not
 * rest on luck. A trial that was stopped is resumed instead, by the folds that it lacks.
 *
 * Candidates are the defaults and all whose mean and twice its error reach the best mean; a block
 * of as many runs as there are folds goes to the largest knowledge gradient. It ends when the
 * reserve is spent, one is the best with a chance of 0.95, or nothing is gained any more. */
#ifndef DAEMON_STUDIES_REPEATS_H
#define DAEMON_STUDIES_REPEATS_H

#include "daemon/studies/live.h"

/* Runs of a budget of trials or runs that are kept for repeats; 0 without folds or with several
 * objectives. */
int64_t repeats_reserved_runs(const struct study_spec *spec);

/* How many of the `left` trials of the budget are kept for that now: none where values are seen to
 * have no noise. */
int64_t repeats_reserve(const struct study *study, double left);

/* True when a repeat may begin, with so many runs left for it. */
bool repeats_are_due(const struct study *study, int64_t runs);

/* Makes the next block of at most `runs` runs ready; *started is set where there is one. 0 or an
 * error. */
int repeats_start(bool *started, struct study *study, int64_t runs);

/* A run of a repeat was lost: another attempt is ready, unless the study's retries are used up. 0
 * or an error. */
int repeats_retry(const struct run *lost);

/* Cancels those that nobody holds. 0 or an error. */
int repeats_cancel(struct study *study);

#endif
