#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/text.h"
#include "schema/space/json.h"
#include "worker/agent/report_stream.h"

static cJSON *rules(const char *kind, const char *source, const char *metric)
{
	cJSON *report = cJSON_CreateObject();
	cJSON_AddStringToObject(report, "kind", kind);
	cJSON_AddStringToObject(report, "source", source);
	cJSON_AddStringToObject(report, "metric", metric);
	return report;
}

static void must_open(struct report_stream *stream, const char *kind, const char *source)
{
	cJSON *report = rules(kind, source, "f1");
	struct error error;
	assert_int_equal(report_stream_init(stream, report, &error), 0);
	cJSON_Delete(report);
}

/* Reads a line and writes "step metrics" (or "final metrics") into `out`; "" = no report. */
static void read_as_text(struct report_stream *stream, const char *line, char out[256])
{
	struct spoken_report report;
	struct text metrics = TEXT_NULL;
	*out = '\0';
	if (report_stream_read(stream, line, &report) != REPORT_SPOKEN)
		return;
	json_append(report.metrics, &metrics);
	if (report.final)
		snprintf(out, 256, "final %s%s", text_string(&metrics), report.tables ? " tables" : "");
	else
		snprintf(out, 256, "%lld %s", (long long)report.step, text_string(&metrics));
	text_finish(&metrics);
	spoken_report_finish(&report);
}

static void a_line_becomes_a_report_or_nothing(void **state)
{
	(void)state;
	static const struct {
		const char *kind, *source, *line, *expected;
	} cases[] = {
	        {"pipe", "", "{\"step\":3,\"f1\":0.61,\"auprc\":0.58}", "3 {\"f1\":0.61,\"auprc\":0.58}"},
	        {"pipe", "", "{\"f1\":\"nan\"}", "0 {\"f1\":\"nan\"}"},
	        {"pipe", "", "{\"f1\":NaN}", "0 {\"f1\":\"nan\"}"},
	        {"pipe", "", "{\"step\":-1,\"f1\":1}", "0 {\"f1\":1}"},
	        {"pipe", "", "{\"step\":1.5,\"f1\":1}", "0 {\"f1\":1}"},
	        {"pipe", "", "{\"step\":3,\"loss\":1}", ""},
	        {"pipe", "", "{\"f1\":\"high\"}", ""},
	        {"pipe", "", "{\"f1\":", ""},
	        {"pipe", "", "[1]", ""},
	        {"pipe", "", "f1=0.5", ""},
	        {"pipe", "", "{\"final\":true,\"f1\":1,\"tables\":{}}", "final {\"f1\":1} tables"},
	        {"pipe", "", "{\"final\":true}", "final {}"},
	        {"stdout", "name=value", "f1=0.5", "0 {\"f1\":0.5}"},
	        {"stdout", "name=value", "epoch=4 loss=1e-05, f1=0.5;", "4 {\"epoch\":4,\"loss\":1e-05,\"f1\":0.5}"},
	        {"stdout", "name=value", "step=9 (f1=0.5)", "9 {\"f1\":0.5}"},
	        {"stdout", "name=value", "f1=0.5.1", ""},
	        {"stdout", "name=value", "best_f1=0.5", ""},
	        {"stdout", "name=value", "f1==0.5", ""},
	        {"stdout", "name=value", "=0.5", ""},
	        {"stdout", "name=value", "f1=", ""},
	        {"stdout", "name=value", "{\"f1\":1}", ""},
	        {"pattern", "F1 is ([0-9.]+)", "the F1 is 0.25 now", "0 {\"f1\":0.25}"},
	        {"pattern", "[0-9]+%", "45%", ""},
	        {"pattern", "[0-9]+", "at 45%", "0 {\"f1\":45}"},
	        {"pattern", "a|b(.)", "a", ""},
	        {"file", "x", "0.75", "0 {\"f1\":0.75}"},
	        {"file", "x", " {\"f1\":1}", "0 {\"f1\":1}"},
	        {"file", "x", "f1=2", "0 {\"f1\":2}"},
	        {"file", "x", "nonsense", ""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct report_stream stream;
		char said[256];
		must_open(&stream, cases[i].kind, cases[i].source);
		read_as_text(&stream, cases[i].line, said);
		assert_string_equal(said, cases[i].expected);
		report_stream_finish(&stream);
	}
}

static void values_without_a_step_are_counted_on_from_the_last(void **state)
{
	(void)state;
	static const char *const lines[][2] = {{"{\"f1\":1}", "0 {\"f1\":1}"}, {"{\"f1\":2}", "1 {\"f1\":2}"},
	        {"{\"f1\":3,\"step\":7}", "7 {\"f1\":3}"}, {"{\"loss\":3}", ""}, {"{\"f1\":4}", "8 {\"f1\":4}"}};
	struct report_stream stream;
	must_open(&stream, "pipe", "");
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		char said[256];
		read_as_text(&stream, lines[i][0], said);
		assert_string_equal(said, lines[i][1]);
	}
	report_stream_finish(&stream);
}

static void without_rules_any_number_counts(void **state)
{
	(void)state;
	struct report_stream stream;
	char said[256];
	assert_int_equal(report_stream_init(&stream, NULL, NULL), 0);
	read_as_text(&stream, "{\"score\":1}", said);
	assert_string_equal(said, "0 {\"score\":1}");
	report_stream_finish(&stream);
}

static void wrong_rules_are_explained(void **state)
{
	(void)state;
	static const char *const cases[][3] = {
	        {"pattern", "(", "report: '(' is no regular expression: "}, {"telepathy", "", "kind 'telepathy'"}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct report_stream stream;
		struct error error;
		cJSON *report = rules(cases[i][0], cases[i][1], "f1");
		assert_int_equal(report_stream_init(&stream, report, &error), -EINVAL);
		assert_non_null(strstr(error.text, cases[i][2]));
		report_stream_finish(&stream);
		cJSON_Delete(report);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_line_becomes_a_report_or_nothing),
	        cmocka_unit_test(values_without_a_step_are_counted_on_from_the_last),
	        cmocka_unit_test(without_rules_any_number_counts),
	        cmocka_unit_test(wrong_rules_are_explained),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
