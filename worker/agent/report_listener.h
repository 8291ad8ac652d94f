/* How a study's program is listened to, and for which metrics. */
#ifndef WORKER_AGENT_REPORT_LISTENER_H
#define WORKER_AGENT_REPORT_LISTENER_H

#include <regex.h>
#include <stdbool.h>

#include "schema/api/work.h"
#include "schema/base/error.h"

struct report_listener {
	enum report_kind kind;
	const char *metric;             /* what pruners look at; "" = none in particular. Borrowed */
	const struct assigned_run *run; /* whose metrics and constraints are wanted, or NULL: all are. Borrowed */
	regex_t pattern;                /* only REPORT_PATTERN */
};

/* Listens as the rule of the run says (both borrowed): one JSON object per line on KRE_REPORT_FD
 * (the pipe); on stdout, names with values (spoken_pairs.h) or a JSON object; on stdout, the number
 * in the one group of a regular expression, and names with values for the other metrics; or a file
 * of any of these, where a number alone will do. 0, or -EINVAL with a sentence for a pattern that
 * report_pattern.h refuses. */
int report_listener_init(struct report_listener *listener, const struct run_report_rule *rule,
        const struct assigned_run *run, struct error *error);
void report_listener_finish(struct report_listener *listener);

/* True for the metric that pruners look at, an objective or a constrained metric; for every name
 * when the run names none. */
bool report_listener_wants(const struct report_listener *listener, const char *name);

#endif
