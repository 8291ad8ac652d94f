/* What one line of a trainer's output says, in any of the ways a study may name. */
#ifndef WORKER_AGENT_SPOKEN_LINE_H
#define WORKER_AGENT_SPOKEN_LINE_H

#include "worker/agent/program_report.h"
#include "worker/agent/report_listener.h"

/* Reads a line: *out is what it says, to be freed in every case by program_report_finish; a line
 * that says nothing has no step and no metrics. 0 or -ENOMEM. */
int spoken_line_read(struct program_report *out, const struct report_listener *listener, const char *line);
#endif
