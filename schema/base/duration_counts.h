/* How long something took, counted by how long: a few words however often it happens. */
#ifndef SCHEMA_BASE_DURATION_COUNTS_H
#define SCHEMA_BASE_DURATION_COUNTS_H

#include <stdint.h>

enum { DURATION_BOUNDS = 12 };

/* The bounds in seconds, growing. */
extern const double duration_bounds_s[DURATION_BOUNDS];

struct duration_counts {
	int64_t counts[DURATION_BOUNDS + 1]; /* up to that bound and over the one before; the last: longer */
	int64_t sum_ns;
};

/* One more that took so long. */
void duration_counts_add(struct duration_counts *counts, int64_t ns);

#endif
