/* A learning curve: one value per step, in step order. The first value of a step stays. */
#ifndef DAEMON_STUDIES_CURVE_H
#define DAEMON_STUDIES_CURVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct curve_point {
	int64_t step;
	double value; /* NAN where the metric was missing */
};

struct curve {
	struct curve_point *points; /* owned */
	size_t count, capacity;
};

/* Frees the points and leaves an empty curve; a zeroed one is fine. */
void curve_finish(struct curve *curve);

/* Adds a step that the curve does not have. 0 or -ENOMEM. */
int curve_put(struct curve *curve, int64_t step, double value);

/* True when the curve has the step; *value (may be NULL) is what it has. */
bool curve_get(const struct curve *curve, int64_t step, double *value);

#endif
