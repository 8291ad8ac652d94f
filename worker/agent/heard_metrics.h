/* What a run said of each metric: its best and last values reach the daemon with the result, also
 * when reports did not. */
#ifndef WORKER_AGENT_HEARD_METRICS_H
#define WORKER_AGENT_HEARD_METRICS_H

#include "schema/api/work.h"
#include "schema/base/arena.h"

#define HEARD_METRICS_MAX 1000

struct heard_metric {
	struct metric_range range;
	int64_t last_step;
};

struct heard_metrics {
	struct arena arena; /* owns items and names */
	struct heard_metric *items;
	size_t count;
	size_t turn; /* where the next name is looked for first: programs say them in one order */
};

/* Frees what was heard; a zeroed one has heard nothing. */
void heard_metrics_finish(struct heard_metrics *heard);

/* Notes a report. Metrics beyond the first HEARD_METRICS_MAX, or with very long names, are left
 * out. 0 or -ENOMEM. */
int heard_metrics_note(struct heard_metrics *heard, int64_t step, const struct run_metrics *metrics);

/* Fills in what a result tells of them, in `arena`. 0 or -ENOMEM. */
int heard_metrics_tell(struct tell_request *out, const struct heard_metrics *heard, struct arena *arena);

#endif
