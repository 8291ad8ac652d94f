/* Which of several quantities is the greatest, when each is known with an error: independent normal
 * posteriors. */
#ifndef DAEMON_ESTIMATES_CONTEST_H
#define DAEMON_ESTIMATES_CONTEST_H

#include <stddef.h>

struct contender {
	double mean, variance; /* variance 0: known exactly */
};

/* The chance of each to be the greatest: chances (count); they sum to 1. Equal ones that are known
 * exactly leave it to the first. */
void contest_chances(double *chances, const struct contender *all, size_t count);

/* The chance that `a` is greater than `b`; 1/2 where both are exactly the same. */
double contest_beats(const struct contender *a, const struct contender *b);

/* Knowledge gradient (Frazier, Powell & Dayanik 2008): how much the greatest mean rises, on
 * average, when `which` is measured once more with `noise`, a variance. */
double contest_gain(const struct contender *all, size_t count, size_t which, double noise);

#endif
