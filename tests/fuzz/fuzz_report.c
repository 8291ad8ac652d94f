/* Any bytes as the output of a trainer: the first says how the study listens, the first line is the
 * pattern. Steps grow, and what is told was asked for. */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "worker/agent/line_reader.h"
#include "worker/agent/report_stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct ear_of_mine {
	struct report_stream stream;
	int64_t last_step;
};

static void on_spoke(void *context, struct program_report *report)
{
	struct ear_of_mine *ear = context;
	assert(report->final || report->step >= ear->last_step);
	if (!report->final)
		ear->last_step = report->step;
}

static void on_line(void *context, const char *line)
{
	struct ear_of_mine *ear = context;
	int rc = report_stream_read(&ear->stream, line);
	assert(rc == 0);
	if (*line == 'p')
		report_stream_pause(&ear->stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const metrics[] = {"f1", "eval/micro f1"}, *const constraints[] = {"memory_mb"};
	const struct assigned_run run = {.metrics = {2, metrics}, .constraints = {1, constraints}};
	char pattern[80];
	const uint8_t *end = size > 1 ? memchr(data + 1, '\n', size - 1) : NULL;
	if (!end || end - data > (ptrdiff_t)sizeof pattern)
		return 0;
	snprintf(pattern, sizeof pattern, "%.*s", (int)(end - data) - 1, (const char *)data + 1);
	const struct run_report_rule rule = {(enum report_kind)(*data % 4), pattern, "f1"};
	struct ear_of_mine ear = {.last_step = -1};
	struct report_listener listener;
	struct line_reader lines = {0};
	if (report_listener_init(&listener, &rule, &run, NULL) < 0)
		return 0;
	report_stream_init(&ear.stream, &listener, &(struct report_events){on_spoke, &ear});
	line_reader_push(&lines, (const char *)end, size - (size_t)(end - data), on_line, &ear);
	line_reader_flush(&lines, on_line, &ear);
	report_stream_end(&ear.stream);
	report_stream_finish(&ear.stream);
	report_listener_finish(&listener);
	line_reader_finish(&lines);
	return 0;
}
