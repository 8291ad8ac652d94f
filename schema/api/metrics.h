/* Figures of the daemon, for who watches it: how much there is, how much happens, how long it
 * takes. */
#ifndef SCHEMA_API_METRICS_H
#define SCHEMA_API_METRICS_H

#include "schema/api/field.h"
#include "schema/study/trial.h"

/* How often a method was called and answered. */
struct call_count {
	const char *method;
	int64_t count;
};

/* How long something took: counts[i] times up to upto_s[i] and over the one before; the last count
 * is of what took longer. */
struct durations {
	LIST_OF(double) upto_s;
	LIST_OF(int64_t) counts;
	double sum_s;
};

/* Counts of what happened begin with the daemon. */
struct metrics_answer {
	const char *software;
	double uptime_s;
	int64_t epoch;
	int64_t studies[STUDY_STATE_COUNT], trials[TRIAL_STATE_COUNT];
	int64_t runs_waiting, leases; /* runs that nobody holds; that somebody does */
	int64_t workers;              /* connected */
	int64_t runs_handed_out, runs_ended[RUN_STATE_COUNT], reports;
	LIST_OF(struct call_count) calls;
	struct durations turns, commits;
	int64_t file_bytes, blob_bytes, blobs;
};

extern const struct shape metrics_answer_shape;

#endif
