#include "tests/worker/agent/hearing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "schema/base/number.h"

void hearing_append(void *context, struct program_report *report)
{
	struct text *out = context;
	text_append(out, out->length ? "; " : "");
	if (report->final)
		text_append(out, "final");
	else
		text_printf(out, "%lld", (long long)report->step);
	for (size_t i = 0; i < report->metrics.count; i++) {
		char digits[NUMBER_TEXT_BYTES];
		number_json(report->metrics.items[i].value, digits);
		text_printf(out, " %s=%s", report->metrics.items[i].name, digits);
	}
	text_append(out, report->tables ? " tables" : "");
}

static size_t split(char *names, const char **out)
{
	size_t count = 0;
	for (char *name = strtok(names, ","); name; name = strtok(NULL, ","))
		out[count++] = name;
	return count;
}

void hear_lines(struct text *out, const char *kind, const char *source, const char *wanted, const char *const *lines)
{
	char names[200];
	const char *metrics[8] = {""};
	struct report_listener listener;
	struct report_stream stream;
	const struct report_events events = {hearing_append, out};
	strcpy(names, wanted);
	size_t count = split(names, metrics);
	const struct assigned_run run = {.metrics = {count, metrics}};
	const struct run_report_rule rule = {
	        (enum report_kind)words_find(&report_kind_words, kind), source, metrics[0]};
	assert_int_equal(report_listener_init(&listener, &rule, &run, NULL), 0);
	report_stream_init(&stream, &listener, &events);
	text_clear(out);
	for (; *lines; lines++)
		assert_int_equal(report_stream_read(&stream, *lines), 0);
	assert_int_equal(report_stream_end(&stream), 0);
	report_stream_finish(&stream);
	report_listener_finish(&listener);
}
