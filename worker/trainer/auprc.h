/* Area under the precision-recall curve, class by class, by the trapezoid rule: the competition's
 * second metric. */
#ifndef WORKER_TRAINER_AUPRC_H
#define WORKER_TRAINER_AUPRC_H

#include <stddef.h>

struct predictions {
	const double *scores; /* (rows, classes); probabilities, if figures are to be compared with the competition's */
	const int *truth;     /* (rows), class ids */
	size_t rows, classes;
};

/* What a class that no row has is worth: what scikit-learn ≥ 1.0 makes of it (0.5), nothing (it
 * leaves the mean), or not a number, as older scikit-learn had it (scikit-learn#13043). */
enum auprc_absent { AUPRC_ABSENT_SKLEARN, AUPRC_ABSENT_SKIP, AUPRC_ABSENT_NAN };
extern const char *const auprc_absent_names[]; /* sklearn, skip, nan; ended by NULL */

/* Fills areas (classes), each 0 to 1; NaN for a class that no row has. Equal scores are one point
 * of the curve. 0 or -ENOMEM. Time: classes × rows × log rows. */
int auprc_areas(double *areas, const struct predictions *predictions);

/* The mean of all classes' areas. NaN when every class is left out. */
double auprc_mean(const double *areas, size_t classes, enum auprc_absent absent);

#endif
