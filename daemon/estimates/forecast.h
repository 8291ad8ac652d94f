/* What a curve will come to: least squares of final values on the values at one step, within folds,
 * with the slope drawn to 1 as by two more points. Its error is measured by leaving out one trial
 * at a time, so where the step says little about the end the forecast says so. */
#ifndef DAEMON_ESTIMATES_FORECAST_H
#define DAEMON_ESTIMATES_FORECAST_H

#include <stddef.h>

/* A curve that is known to its end. */
struct forecast_point {
	size_t trial, fold;
	double early, final;
};

/* The curves of one fold in sums. */
struct forecast_fold {
	double count, early, final, early_squares, products;
};

struct forecast {
	double slope;
	double variance;             /* of a forecast's error, left-out trials' mean square */
	struct forecast_fold *folds; /* (fold_count) owned */
};

/* Fits to points that are sorted by trial. 0 or -ENOMEM. */
int forecast_fit(struct forecast *out, const struct forecast_point *points, size_t count, size_t fold_count);

/* Frees what it owns; a zeroed forecast is fine. */
void forecast_finish(struct forecast *forecast);

/* What a curve of the fold, which has points, will come to. */
double forecast_final(const struct forecast *forecast, size_t fold, double early);

#endif
