/* What a trainer says about itself, line by line, in any of the ways a study may name. */
#ifndef WORKER_AGENT_REPORT_STREAM_H
#define WORKER_AGENT_REPORT_STREAM_H

#include <regex.h>
#include <stdbool.h>
#include <stdint.h>

#include "schema/api/work.h"
#include "schema/base/arena.h"
#include "schema/base/error.h"

struct report_stream {
	enum report_kind kind;
	char metric[128]; /* the value that matters; "" = any */
	regex_t pattern;  /* only REPORT_PATTERN */
	int64_t next_step;
};

/* What a program said of itself. */
struct program_report {
	struct arena arena; /* owns what follows */
	int64_t step;       /* as said (`step`, else the n-th value counted from 0) */
	bool final;         /* {"final":true}: the run's result, not a step */
	struct run_metrics metrics;
	const struct run_tables *tables; /* of a final report, or NULL */
	const char *note;                /* of a final report: what people should know beside it, or NULL */
};

/* Listens as the rule says: one JSON object per line on KRE_REPORT_FD (the pipe), name=value pairs
 * on stdout, an extended regular expression on stdout, whose first group (else the whole match) is
 * the value, or a file of any of these. 0, or -EINVAL with a sentence for a pattern that is no
 * POSIX extended regular expression. */
int report_stream_init(struct report_stream *stream, const struct run_report_rule *rule, struct error *error);
void report_stream_finish(struct report_stream *stream);

/* Reads one line. REPORT_SPOKEN: *out is filled (program_report_finish); 0: the line is no report
 * or lacks the metric; -ENOMEM. */
#define REPORT_SPOKEN 1
int report_stream_read(struct program_report *out, struct report_stream *stream, const char *line);
void program_report_finish(struct program_report *report);

/* The value of that metric; false when the report does not have it. */
bool program_report_find(double *value, const struct program_report *report, const char *name);

#endif
