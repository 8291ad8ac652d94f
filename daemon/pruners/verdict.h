/* The answer of the pruners about a trial. */
#ifndef DAEMON_PRUNERS_VERDICT_H
#define DAEMON_PRUNERS_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

/* Whether to stop the trial, and why. */
struct verdict {
	bool prune;
	const char *pruner; /* its name; static */
	int64_t rung;       /* -1 where there are none */
	int64_t step;
	double value, threshold; /* NAN where there is none */
};

#endif
