/* What a stream of lines comes to, as text: "1 f1=0.5 seconds=12; 2 f1=0.6". */
#ifndef TESTS_WORKER_AGENT_HEARING_H
#define TESTS_WORKER_AGENT_HEARING_H

#include "schema/base/text.h"
#include "worker/agent/report_stream.h"

/* Appends a report: its step or "final", its metrics, "tables" if it has some. For
 * report_events::spoke; `context` is a struct text. */
void hearing_append(void *context, struct program_report *report);

/* Listens as `kind` and `source` say for the objectives in `wanted` (separated by ','; the first is the
 * metric that pruners look at) and writes what all lines come to into `out` (cleared). */
void hear_lines(struct text *out, const char *kind, const char *source, const char *wanted, const char *const *lines);

#endif
