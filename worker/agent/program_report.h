/* What a program said of itself, at a step or at its end. */
#ifndef WORKER_AGENT_PROGRAM_REPORT_H
#define WORKER_AGENT_PROGRAM_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/base/arena.h"
#include "schema/study/score.h"

struct program_report {
	struct arena arena; /* owns what follows */
	int64_t step;       /* −1 = none was said */
	bool final;         /* {"final":true}: the run's result, not a step */
	struct run_metrics metrics;
	const struct run_tables *tables; /* of a final report, or NULL */
	const char *note;                /* of a final report: what people should know beside it, or NULL */
	const char *unread;              /* a wanted metric with a text that is no number: "f1=0,613"; or NULL */
};

/* Frees what the report holds; it says nothing then. */
void program_report_finish(struct program_report *report);

/* The value of that metric; false when the report does not have it. */
bool program_report_find(double *value, const struct program_report *report, const char *name);

/* Adds a metric, or gives one that is there a new value; what is too much or has too long a name is
 * left out. False without memory. */
bool program_report_put(struct program_report *report, const char *name, double value);

#endif
