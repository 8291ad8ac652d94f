/* What a trainer says about itself, line by line, in any of the ways a study may name. */
#ifndef WORKER_AGENT_REPORT_STREAM_H
#define WORKER_AGENT_REPORT_STREAM_H

#include <cjson/cJSON.h>
#include <regex.h>
#include <stdbool.h>
#include <stdint.h>

#include "schema/base/error.h"

enum report_way {
	WAY_PIPE,    /* one JSON object per line on KRE_REPORT_FD */
	WAY_STDOUT,  /* name=value pairs on stdout */
	WAY_PATTERN, /* an extended regular expression on stdout; its first group (else the whole match) is the value */
	WAY_FILE,    /* a file: JSON objects, pairs, or bare numbers, one per line */
};

struct report_stream {
	enum report_way way;
	char metric[128]; /* the value that matters; "" = any */
	regex_t pattern;  /* only WAY_PATTERN */
	int64_t next_step;
};

struct spoken_report {
	int64_t step;   /* as said (`step`, else the n-th value counted from 0) */
	bool final;     /* {"final":true}: the run's result, not a step */
	cJSON *metrics; /* owned: numbers by name */
	cJSON *tables;  /* owned: `tables` of a final report, or NULL */
};

/* Reads the run's `report` {kind, source, metric} (NULL = the pipe). 0, or -EINVAL with a sentence: unknown kind, or a
 * pattern that is no POSIX extended regular expression. */
int report_stream_init(struct report_stream *stream, const cJSON *report, struct error *error);
void report_stream_finish(struct report_stream *stream);

/* Reads one line. REPORT_SPOKEN: *out is filled (spoken_report_finish); 0: the line is no report or lacks the metric;
 * -ENOMEM. */
#define REPORT_SPOKEN 1
int report_stream_read(struct report_stream *stream, const char *line, struct spoken_report *out);
void spoken_report_finish(struct spoken_report *report);

#endif
