/* What trials are really worth: the values of all, seen by a Gaussian process over their
 * configurations, so that a lucky value counts for what its neighbours say of it. Of many trials
 * whose values are noisy, the highest is mostly a lucky one; the highest mean is the better choice
 * (Picheny, Wagner & Ginsbourger 2013, "A benchmark of kriging-based infill criteria for noisy
 * optimization"). Not all that a process does not explain is luck: where nobody told how noisy
 * values are, a quarter of it stays with the trial. Legend: n trials. */
#ifndef DAEMON_SAMPLERS_ESTIMATES_H
#define DAEMON_SAMPLERS_ESTIMATES_H

#include "daemon/samplers/history.h"
#include "daemon/samplers/outcome.h"

/* Its trials are complete and feasible; of more than 200 the newest 100, the spared one and the
 * best of the others. */
struct estimates {
	size_t count;       /* n */
	int64_t *numbers;   /* (n) in no order */
	double *means;      /* (n) of their true values, in the objective's own direction and units */
	double *covariance; /* (n, n) of those; the diagonal holds the squared standard errors */
	double noise;       /* standard deviation of one value around the true one, near the best */
};

/* Estimates the trials of a history with one objective, of many also the one whose number is
 * `spared` (NULL = none). Takes as long as a suggestion of the gp sampler. 0 (estimates_finish is
 * the caller's); ESTIMATES_NONE with several objectives, nothing to vary, fewer than ESTIMATES_FROM
 * complete trials, or a singular model; -ENOMEM. */
int estimates_make(struct estimates *out, const struct history *history, const int64_t *spared);
void estimates_finish(struct estimates *estimates);

/* The index of the trial to name: its mean less half a standard error is the best. n > 0. */
size_t estimates_best(const struct estimates *estimates, const struct history *history);

#define ESTIMATES_FROM 5

#endif
