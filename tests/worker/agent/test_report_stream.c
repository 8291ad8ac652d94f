#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "schema/base/memory.h"
#include "tests/worker/agent/hearing.h"

#define LINES(...) ((const char *const[]){__VA_ARGS__, NULL})

static void must_hear(const char *expected, const char *kind, const char *source, const char *const *lines)
{
	struct text said = TEXT_NULL;
	hear_lines(&said, kind, source, "f1", lines);
	assert_string_equal(text_string(&said), expected);
	text_finish(&said);
}

static void a_line_becomes_a_report_or_nothing(void **state)
{
	(void)state;
	static const struct {
		const char *kind, *source, *line, *expected;
	} cases[] = {
	        {"pipe", "", "{\"step\":3,\"f1\":0.61,\"auprc\":0.58}", "3 f1=0.61 auprc=0.58"},
	        {"pipe", "", "{\"epoch\":4,\"f1\":0.61}", "4 epoch=4 f1=0.61"},
	        {"pipe", "", "{\"epoch\":4,\"step\":100,\"f1\":1,\"epoch\":5}", "100 epoch=5 f1=1"},
	        {"pipe", "", "{\"f1\":\"nan\"}", "0 f1=\"nan\""},
	        {"pipe", "", "{\"f1\":NaN}", "0 f1=\"nan\""},
	        {"pipe", "", "{\"step\":-1,\"f1\":1}", "0 f1=1"},
	        {"pipe", "", "{\"step\":1.5,\"f1\":1}", "0 f1=1"},
	        {"pipe", "", "{\"step\":3,\"loss\":1}", ""},
	        {"pipe", "", "{\"f1\":\"high\"}", ""},
	        {"pipe", "", "{\"f1\":", ""},
	        {"pipe", "", "[1]", ""},
	        {"pipe", "", "f1=0.5", ""},
	        {"pipe", "", "{\"final\":true,\"f1\":1,\"tables\":{}}", "final f1=1 tables"},
	        {"pipe", "", "{\"final\":true}", "final"},
	        {"pipe", "", "{\"final\":true,\"f1\":1,\"tables\":{\"classes\":[{}]}}", "final f1=1"},
	        {"pipe", "", "{\"eval\":{\"loss\":{\"ce\":2}},\"f1\":1}", "0 eval/loss/ce=2 f1=1"},
	        {"file", "x", "0.75", "0 f1=0.75"},
	        {"file", "x", "93.5 %", "0 f1=93.5"},
	        {"file", "x", " {\"f1\":1}", "0 f1=1"},
	        {"file", "x", "f1=2", "0 f1=2"},
	        {"file", "x", "nonsense", ""},
	        {"file", "x", "0,75", ""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		must_hear(cases[i].expected, cases[i].kind, cases[i].source, LINES(cases[i].line));
}

static void names_and_values_are_found_in_a_line_of_text(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
	        {"f1=0.5", "0 f1=0.5"},
	        {"epoch=4 loss=1e-05, f1=0.5;", "4 epoch=4 loss=1e-05 f1=0.5"},
	        {"step=9 (f1=0.5)", "9 f1=0.5"},
	        {"step=9 epoch=2 f1=0.5", "9 epoch=2 f1=0.5"},
	        {"Epoch 3/10 - loss: 0.31 - f1: 0.9", "3 loss=0.31 f1=0.9"},
	        {"Epoch: 3/10, f1 = 0.9.", "3 Epoch=3 f1=0.9"},
	        {"f1:0.9 at 12:30:01 on host:8080", "0 f1=0.9"},
	        {"f1=93.5%", "0 f1=93.5"},
	        {"f1=0.61±0.02", "0 f1=0.61"},
	        {"{'loss': 0.5, 'f1': 0.61, 'epoch': 2.0}", "2 loss=0.5 f1=0.61 epoch=2"},
	        {"{\"f1\":1, \"step\": 7}", "7 f1=1"},
	        {"\x1b[1mepoch=1\x1b[0m \x1b[32mf1=0.61\x1b[0m", "1 epoch=1 f1=0.61"},
	        {"\x1b]0;title\a\x1b[38;5;12mf1\x1b[0m=\x1b[1m0.5\x1b[m", "0 f1=0.5"},
	        {"INFO:root:f1=0.61", "0 f1=0.61"},
	        {"f1=nan", "0 f1=\"nan\""},
	        {"f1=-inf|", "0 f1=\"-inf\""},
	        {"정확도=0.5 f1=1", "0 정확도=0.5 f1=1"},
	        {"f1=0,613", ""},
	        {"f1=1,234.5", ""},
	        {"f1=0.5.1", ""},
	        {"f1=12s", ""},
	        {"f1=45/60", ""},
	        {"f1=1_000", ""},
	        {"f1=0x10", ""},
	        {"best_f1=0.5", ""},
	        {"f1==0.5", ""},
	        {"f1>=0.5", ""},
	        {"=0.5", ""},
	        {"f1=", ""},
	        {"f1", ""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		must_hear(cases[i][1], "stdout", "name=value", LINES(cases[i][0]));
}

static void a_wanted_name_may_have_blanks_and_slashes(void **state)
{
	(void)state;
	struct text said = TEXT_NULL;
	hear_lines(&said, "stdout", "name=value", "eval/micro f1 score,f1",
	        LINES("eval/micro f1 score=0.61", "test f1: 0.5, micro f1 score=0.1"));
	assert_string_equal(text_string(&said), "0 eval/micro f1 score=0.61 f1=0.5 score=0.1");
	hear_lines(&said, "pipe", "", "eval.f1", LINES("{\"eval\":{\"f1\":0.7}}"));
	assert_string_equal(text_string(&said), "0 eval.f1=0.7");
	text_finish(&said);
}

static void a_pattern_never_takes_half_a_number(void **state)
{
	(void)state;
	static const struct {
		const char *pattern, *line, *expected;
	} cases[] = {
	        {"F1 is ([0-9.]+)", "the F1 is 0.25 now", "0 f1=0.25"},
	        {"f1 ([0-9.]+)", "f1 7.5e-05", "0 f1=7.5e-05"},
	        {"loss ([0-9.]+)", "loss -0.5", ""},
	        {"loss.*([0-9.]+)", "loss -0.75", "0 f1=-0.75"},
	        {"([0-9]+)$", "f1 0.613", "0 f1=0.613"},
	        {"f1 ([0-9,]+)", "f1 0,613", ""},
	        {"f1 ([0-9]+)", "f1 1,234", ""},
	        {",([0-9]+)", "f1 1,234", ""},
	        {"f1 ([0-9]+)", "f1 93%", "0 f1=93"},
	        {"f1 ([^ ]+)", "f1 high", ""},
	        {"f1 ([0-9]*)", "f1 x", ""},
	        {"a|b(.)", "a", ""},
	        {"score ([0-9.]+)", "epoch 3 score 0.5 seconds=12", "3 seconds=12 f1=0.5"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		must_hear(cases[i].expected, "pattern", cases[i].pattern, LINES(cases[i].line));
}

static void metrics_of_one_step_may_come_on_several_lines(void **state)
{
	(void)state;
	struct text said = TEXT_NULL;
	hear_lines(&said, "stdout", "name=value", "f1,seconds",
	        LINES("epoch=1 f1=0.5", "epoch=1 seconds=12", "epoch=2 f1=0.6", "seconds=14", "f1=0.7", "seconds=13"));
	assert_string_equal(
	        text_string(&said), "1 epoch=1 f1=0.5 seconds=12; 2 epoch=2 f1=0.6 seconds=14; 3 f1=0.7 seconds=13");
	hear_lines(&said, "stdout", "name=value", "f1,seconds",
	        LINES("Epoch 1/2", "loss=3", "f1=0.5", "Epoch 2/2", "f1=0.6"));
	assert_string_equal(text_string(&said), "1 loss=3 f1=0.5; 2 f1=0.6");
	text_finish(&said);
}

static void what_nobody_asked_for_travels_with_a_wanted_metric(void **state)
{
	(void)state;
	must_hear("0 loss=2 f1=0.5; 1 f1=0.6 loss=1", "pipe", "",
	        LINES("{\"loss\":3}", "{\"loss\":2}", "{\"f1\":0.5}", "{\"f1\":0.6}", "{\"loss\":1}"));
}

static void values_without_a_step_are_counted_on_from_the_last(void **state)
{
	(void)state;
	must_hear("0 f1=1; 1 f1=2; 7 f1=3 loss=3; 8 f1=4", "pipe", "",
	        LINES("{\"f1\":1}", "{\"f1\":2}", "{\"f1\":3,\"step\":7}", "{\"loss\":3}", "{\"f1\":4}"));
}

static void a_step_that_is_said_again_is_counted_on(void **state)
{
	(void)state;
	must_hear("1 epoch=1 f1=1; 2 epoch=1 f1=2; 3 epoch=2 f1=3; 4 epoch=1 f1=4; 5 epoch=5 f1=5", "stdout",
	        "name=value", LINES("epoch=1 f1=1", "epoch=1 f1=2", "epoch=2 f1=3", "epoch=1 f1=4", "epoch=5 f1=5"));
}

static void a_step_beyond_all_measure_does_not_end_the_counting(void **state)
{
	(void)state;
	must_hear("0 f1=1; 1 f1=2; 2 f1=3", "pipe", "",
	        LINES("{\"step\":9007199254740992,\"f1\":1}", "{\"f1\":2}", "{\"step\":9e300,\"f1\":3}"));
}

static void without_rules_any_number_counts(void **state)
{
	(void)state;
	struct text said = TEXT_NULL;
	hear_lines(&said, "pipe", "", "", LINES("{\"score\":1}"));
	assert_string_equal(text_string(&said), "0 score=1");
	text_finish(&said);
}

/* A pause tells the step at hand, but not before the metric that pruners look at has come. */
static void a_pause_tells_what_was_said(void **state)
{
	(void)state;
	static const char *const names[] = {"f1", "seconds"};
	const struct assigned_run run = {.metrics = {2, names}};
	const struct report_listener listener = {.kind = REPORT_STDOUT, .metric = "f1", .run = &run};
	struct text said = TEXT_NULL;
	struct report_stream stream;
	report_stream_init(&stream, &listener, &(struct report_events){hearing_append, &said});
	assert_int_equal(report_stream_read(&stream, "epoch=1 seconds=3"), 0);
	assert_int_equal(report_stream_pause(&stream), 0);
	assert_string_equal(text_string(&said), "");
	assert_int_equal(report_stream_read(&stream, "f1=0.5"), 0);
	assert_true(report_stream_waits(&stream));
	assert_int_equal(report_stream_pause(&stream), 0);
	assert_false(report_stream_waits(&stream));
	assert_string_equal(text_string(&said), "1 epoch=1 seconds=3 f1=0.5");
	assert_int_equal(report_stream_read(&stream, "epoch=2 f1=0.6"), 0);
	assert_int_equal(report_stream_pause(&stream), 0);
	assert_int_equal(report_stream_read(&stream, "epoch=2 seconds=4"), 0);
	assert_int_equal(report_stream_pause(&stream), 0);
	assert_string_equal(text_string(&said), "1 epoch=1 seconds=3 f1=0.5; 2 epoch=2 f1=0.6; 2 epoch=2 seconds=4");
	report_stream_finish(&stream);
	text_finish(&said);
}

static void what_is_said_late_of_a_step_stays_with_it(void **state)
{
	(void)state;
	static const char *const names[] = {"f1"};
	const struct assigned_run run = {.metrics = {1, names}};
	const struct report_listener listener = {.kind = REPORT_STDOUT, .metric = "f1", .run = &run};
	struct text said = TEXT_NULL;
	struct report_stream stream;
	report_stream_init(&stream, &listener, &(struct report_events){hearing_append, &said});
	static const char *const lines[] = {
	        "epoch=1 f1=0.5", "seconds=3", "epoch=2 loss=1", "f1=0.6", "epoch=2 seconds=4"};
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		assert_int_equal(report_stream_read(&stream, lines[i]), 0);
		if (i % 3 == 0)
			assert_int_equal(report_stream_pause(&stream), 0);
	}
	assert_int_equal(report_stream_end(&stream), 0);
	assert_string_equal(
	        text_string(&said), "1 epoch=1 f1=0.5; 1 seconds=3; 2 epoch=2 loss=1 f1=0.6; 2 epoch=2 seconds=4");
	report_stream_finish(&stream);
	text_finish(&said);
}

static void a_wrong_pattern_is_explained(void **state)
{
	(void)state;
	struct report_listener listener;
	struct error error;
	struct run_report_rule rule = {REPORT_PATTERN, "(a)\\1", "f1"};
	assert_int_equal(report_listener_init(&listener, &rule, NULL, &error), -EINVAL);
	assert_string_equal(error.text, "report: the back reference \\1 is not allowed");
}

static void every_allocation_of_a_report_may_fail_once(void **state)
{
	(void)state;
	static const char line[] = "{\"final\":true,\"f1\":1,\"loss\":2,\"tables\":{\"classes\":[{\"label\":\"a\"}]}}";
	const struct report_listener listener = {.kind = REPORT_PIPE, .metric = "f1"};
	struct program_report report;
	bool failed;
	long nth = 0;
	do {
		memory_fault_after(++nth);
		int rc = spoken_line_read(&report, &listener, line);
		failed = memory_fault_happened();
		assert_int_equal(rc == 0 && report.tables, !failed);
		program_report_finish(&report);
	} while (failed);
	memory_fault_after(0);
	assert_true(nth > 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_line_becomes_a_report_or_nothing),
	        cmocka_unit_test(names_and_values_are_found_in_a_line_of_text),
	        cmocka_unit_test(a_wanted_name_may_have_blanks_and_slashes),
	        cmocka_unit_test(a_pattern_never_takes_half_a_number),
	        cmocka_unit_test(metrics_of_one_step_may_come_on_several_lines),
	        cmocka_unit_test(what_nobody_asked_for_travels_with_a_wanted_metric),
	        cmocka_unit_test(values_without_a_step_are_counted_on_from_the_last),
	        cmocka_unit_test(a_step_that_is_said_again_is_counted_on),
	        cmocka_unit_test(a_step_beyond_all_measure_does_not_end_the_counting),
	        cmocka_unit_test(without_rules_any_number_counts),
	        cmocka_unit_test(a_pause_tells_what_was_said),
	        cmocka_unit_test(what_is_said_late_of_a_step_stays_with_it),
	        cmocka_unit_test(a_wrong_pattern_is_explained),
	        cmocka_unit_test(every_allocation_of_a_report_may_fail_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
