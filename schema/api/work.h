/* Work as it goes over the wire: ask, report, tell, renew. */
#ifndef SCHEMA_API_WORK_H
#define SCHEMA_API_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "schema/study/score.h"
#include "schema/study/study_spec.h"
#include "schema/study/trial.h"

/* A worker wants a run. */
struct ask {
	const char *study; /* NULL: any study that wants workers, fairly */
	const char *worker, *session, *software;
	const char *key; /* request id within the session: a repeated ask gets the same run */
	size_t command_count;
	const char *const *commands; /* programs this worker may run; count 0 = anything */
};

/* What it gets: a run under a lease, or when to ask again. */
struct assignment {
	int64_t run_id, lease;
	int64_t trial_id, number, fold, folds, attempt;
	double expires_s;
	uint64_t seed; /* of the run, derived from (study seed, number, fold) */
	const struct study_spec *spec;
	const char *params_json; /* in `arena`, like argv */
	size_t argv_length;
	char *const *argv;
	const char *retry_reason; /* NULL when a run was given; else "paused", "budget", "finished", "waiting" */
	double retry_s;
};

/* A value at a step. */
struct report_request {
	int64_t run_id, lease, step;
	double value;   /* NAN allowed: also when the metric is missing */
	bool has_value; /* false: find the pruning metric in metrics */
	size_t metric_count;
	const struct metric_value *metrics;
};

/* The end of a run. */
struct tell_request {
	int64_t run_id, lease;
	enum run_state state; /* RUN_COMPLETE, RUN_PRUNED, RUN_FAILED, RUN_LOST (handed back) */
	size_t value_count;   /* 0: the result rule looks at the reports and metrics */
	const double *values;
	size_t metric_count;
	const struct metric_value *metrics;
	const struct run_tables *tables; /* or NULL */
	const char *reason;              /* "" if none */
	bool by_signal;                  /* a failed run whose program died by a signal counts as lost: retried */
};

/* A lease that its holder wants to keep. */
struct lease_claim {
	int64_t run_id, lease;
	const char *stop; /* out: "" go on, "pruned", "cancelled", "lost" */
};

#endif
