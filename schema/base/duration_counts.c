#include "schema/base/duration_counts.h"

#include <stddef.h>

const double duration_bounds_s[DURATION_BOUNDS] = {
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1};

void duration_counts_add(struct duration_counts *counts, int64_t ns)
{
	size_t at = 0;
	while (at < DURATION_BOUNDS && (double)ns > duration_bounds_s[at] * 1e9)
		at++;
	counts->counts[at]++;
	counts->sum_ns += ns;
}
