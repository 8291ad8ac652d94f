/* What the first epochs of a trial's first fold say, for the pruner `auto`. */
#ifndef DAEMON_PRUNERS_AUTO_EPOCHS_H
#define DAEMON_PRUNERS_AUTO_EPOCHS_H

#include "daemon/pruners/fold_records.h"

/* The first `count` reports of a fold. */
struct epochs {
	size_t row, fold, count;
	bool best_counts; /* the fold's result is its best value, else its last */
};

/* What the fold will come to without its effect, as evidence with the forecast's own variance. 0; 1
 * where too few curves are known to their end at that step; -ENOMEM. */
int epochs_forecast(struct fold_evidence *out, const struct fold_records *records, const struct epochs *seen);

/* True when the epoch before the last one is one at which the trial is looked at, and another is to
 * come. */
bool epochs_are_a_look(const struct fold_records *records, const struct epochs *seen);

/* True when the last two values lie more than three box lengths on the bad side of the quartile of
 * what others had at the same steps of the same fold; *bound = where that begins for the last. */
bool epochs_are_an_outlier(double *bound, const struct fold_records *records, const struct epochs *seen);

#endif
