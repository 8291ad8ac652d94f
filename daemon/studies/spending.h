/* What the trials that a study ran have cost: what its budget is measured in. A trial that came to
 * its end costs one, one that failed too; one that was stopped costs the share of its folds that
 * it ran: a fold that was complete 1, one that was not the steps it had reported, of those that
 * the runs of complete trials report on average, and at least one step; 1 while no trial is
 * complete. All is counted in whole numbers, so that it does not matter in which order the trials
 * came, nor how often they were read from the file. */
#ifndef DAEMON_STUDIES_SPENDING_H
#define DAEMON_STUDIES_SPENDING_H

#include "daemon/studies/live.h"

/* In trials that run all their folds to the end, and in runs. */
struct cost {
	double trials, runs;
};

/* Frees what it holds and leaves nothing spent. */
void spending_finish(struct spending *spending);

/* Counts a finished trial that was run here and has heard all its reports; another program's costs
 * nothing. 0, or -ENOMEM and nothing was counted. */
int spending_add(struct spending *spending, const struct trial *trial);

/* Takes back what a trial had cost that was stopped and is resumed. */
void spending_remove(struct spending *spending, const struct trial *trial);

/* What they cost in all, those that were stopped by the rule. */
struct cost spending_cost(const struct spending *spending, enum stopped_cost rule);

/* What one trial costs by that rule and what is known of full runs; nothing before its end, and
 * where another program ran it. */
struct cost spending_of(const struct spending *spending, enum stopped_cost rule, const struct trial *trial);

/* What a trial that was no failure took of a budget of trials on average; NAN without one. */
double spending_mean(const struct spending *spending, enum stopped_cost rule);

#endif
