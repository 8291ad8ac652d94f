#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/base/number.h"
#include "schema/base/text.h"
#include "worker/agent/report_stream.h"

static void must_open(struct report_stream *stream, const char *kind, const char *source)
{
	struct run_report_rule rule = {
	        (enum report_kind)words_find(&report_kind_words, kind), .source = source, .metric = "f1"};
	struct error error;
	assert_int_equal(report_stream_init(stream, &rule, &error), 0);
}

static void append_metrics(const struct program_report *report, struct text *out)
{
	text_append(out, "{");
	for (size_t i = 0; i < report->metrics.count; i++) {
		char digits[NUMBER_TEXT_BYTES];
		number_json(report->metrics.items[i].value, digits);
		text_printf(out, "%s\"%s\":%s", i ? "," : "", report->metrics.items[i].name, digits);
	}
	text_append(out, "}");
}

/* Reads a line and writes "step metrics" (or "final metrics") into `out`; "" = no report. */
static void read_as_text(struct report_stream *stream, const char *line, char out[256])
{
	struct program_report report;
	struct text metrics = TEXT_NULL;
	*out = '\0';
	if (report_stream_read(&report, stream, line) != REPORT_SPOKEN)
		return;
	append_metrics(&report, &metrics);
	if (report.final)
		snprintf(out, 256, "final %s%s", text_string(&metrics), report.tables ? " tables" : "");
	else
		snprintf(out, 256, "%lld %s", (long long)report.step, text_string(&metrics));
	text_finish(&metrics);
	program_report_finish(&report);
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
	        {"pipe", "", "{\"final\":true,\"f1\":1,\"tables\":{\"classes\":[{}]}}", "final {\"f1\":1}"},
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
	struct run_report_rule rule = {REPORT_PIPE, "", ""};
	assert_int_equal(report_stream_init(&stream, &rule, NULL), 0);
	read_as_text(&stream, "{\"score\":1}", said);
	assert_string_equal(said, "0 {\"score\":1}");
	report_stream_finish(&stream);
}

static void a_wrong_pattern_is_explained(void **state)
{
	(void)state;
	struct report_stream stream;
	struct error error;
	struct run_report_rule rule = {REPORT_PATTERN, "(", "f1"};
	assert_int_equal(report_stream_init(&stream, &rule, &error), -EINVAL);
	assert_non_null(strstr(error.text, "report: '(' is no regular expression: "));
	report_stream_finish(&stream);
}

static void every_allocation_of_a_report_may_fail_once(void **state)
{
	(void)state;
	static const char line[] = "{\"final\":true,\"f1\":1,\"loss\":2,\"tables\":{\"classes\":[{\"label\":\"a\"}]}}";
	struct report_stream stream;
	struct program_report report;
	int rc;
	long nth = 0;
	must_open(&stream, "pipe", "");
	do {
		memory_fault_after(++nth);
		rc = report_stream_read(&report, &stream, line);
		assert_int_equal(rc == REPORT_SPOKEN, !memory_fault_happened());
	} while (rc != REPORT_SPOKEN);
	memory_fault_after(0);
	assert_true(nth > 1);
	program_report_finish(&report);
	report_stream_finish(&stream);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_line_becomes_a_report_or_nothing),
	        cmocka_unit_test(values_without_a_step_are_counted_on_from_the_last),
	        cmocka_unit_test(without_rules_any_number_counts),
	        cmocka_unit_test(a_wrong_pattern_is_explained),
	        cmocka_unit_test(every_allocation_of_a_report_may_fail_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
