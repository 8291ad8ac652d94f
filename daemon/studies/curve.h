/* A learning curve: one value per step, in step order. The first value of a step stays. */
#ifndef DAEMON_STUDIES_CURVE_H
#define DAEMON_STUDIES_CURVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct curve_point {
	int64_t step;
	double value;
	bool measured; /* false: the report came without the metric, and value is NAN */
};

struct curve {
	struct curve_point *points; /* owned */
	size_t count, capacity;
};

/* Frees the points and leaves an empty curve; a zeroed one is fine. */
void curve_finish(struct curve *curve);

/* Adds a step that the curve does not have, with a value (NAN allowed) / without one. 0 or
 * -ENOMEM. */
int curve_put(struct curve *curve, int64_t step, double value);
int curve_pass(struct curve *curve, int64_t step);

/* True when the step was added, with a value or without. */
bool curve_knows(const struct curve *curve, int64_t step);

/* True when the curve has a value at the step; *value (may be NULL) is what it has. */
bool curve_get(double *value, const struct curve *curve, int64_t step);

#endif
