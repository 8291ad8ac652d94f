#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/terminal/exit_code.h"
#include "cli/terminal/format.h"
#include "cli/terminal/table.h"
#include "schema/base/memory.h"

static const struct column columns[] = {{"name"}, {"f1", .right = true}, {"parameters", .flexible = true}};

/* What the table prints at that width. Free with free. */
static char *printed(const struct table *table, size_t width)
{
	char *bytes = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&bytes, &length);
	struct output output = {.results = stream, .remarks = stream, .width = width};
	assert_int_equal(table_print(table, &output), EXIT_OK);
	fclose(stream);
	return bytes;
}

static void add(struct table *table, const char *name, const char *f1, const char *parameters)
{
	table_add(table, (const char *[]){name, f1, parameters});
}

static void hangul_takes_two_columns(void **state)
{
	struct table table;
	(void)state;
	table_init(&table, columns, 3);
	add(&table, "관계추출", "0.7", "lr=1");
	add(&table, "klue", "10.25", NULL);
	char *text = printed(&table, SIZE_MAX);
	assert_string_equal(text, "name         f1  parameters\n"
	                          "관계추출    0.7  lr=1\n"
	                          "klue      10.25\n");
	free(text);
	table_finish(&table);
}

static void a_narrow_terminal_cuts_the_flexible_column(void **state)
{
	struct table table;
	(void)state;
	table_init(&table, columns, 3);
	add(&table, "a", "1", "한국어 관계 추출");
	char *text = printed(&table, 20);
	assert_string_equal(text, "name  f1  parameters\n"
	                          "a      1  한국어 관…\n");
	free(text);
	table_finish(&table);
}

static void what_stands_behind_a_wide_character_that_was_cut_off_keeps_its_column(void **state)
{
	static const struct column two[] = {{"이름", .flexible = true}, {"f1", .right = true}};
	struct table table;
	(void)state;
	table_init(&table, two, 2);
	table_add(&table, (const char *[]){"한국어관계추출", "0.5"});
	table_add(&table, (const char *[]){"klue", "0.25"});
	char *text = printed(&table, 14);
	assert_string_equal(text, "이름        f1\n"
	                          "한국어…    0.5\n"
	                          "klue      0.25\n");
	free(text);
	table_finish(&table);
}

static void whole_numbers_are_told_whole_and_others_in_six_digits(void **state)
{
	static const struct {
		double value;
		const char *text;
	} rows[] = {{1234567, "1234567"}, {-12345678, "-12345678"}, {0.12345678, "0.123457"},
	        {1234567.5, "1.23457e+06"}, {1e300, "1e+300"}, {(double)INFINITY, "inf"}, {(double)NAN, "-"}};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct text text = TEXT_NULL;
		format_value(rows[i].value, &text);
		assert_string_equal(text_string(&text), rows[i].text);
		text_finish(&text);
	}
}

static void escapes_of_others_do_not_reach_the_terminal(void **state)
{
	struct table table;
	(void)state;
	table_init(&table, columns, 3);
	add(&table, "a\033[2Jb", "\n", "\x7f\xc2\x9b");
	char *text = printed(&table, SIZE_MAX);
	assert_null(strchr(text, '\033'));
	assert_null(strchr(text, '\x7f'));
	assert_null(strstr(text, "\xc2\x9b"));
	assert_non_null(strstr(text, "a [2Jb"));
	free(text);
	table_finish(&table);
}

static void a_table_without_memory_says_so(void **state)
{
	struct table table;
	char *bytes = NULL;
	size_t length = 0;
	FILE *stream = open_memstream(&bytes, &length);
	struct output output = {.results = stream, .remarks = stream, .width = 80};
	(void)state;
	table_init(&table, columns, 3);
	memory_fault_after(1);
	add(&table, "a", "1", "x");
	memory_fault_after(0);
	assert_int_equal(table_print(&table, &output), EXIT_FAILED);
	fclose(stream);
	assert_string_equal(bytes, "kre-search: out of memory\n");
	free(bytes);
	table_finish(&table);
}

static void durations_read_well(void **state)
{
	static const struct {
		double seconds;
		const char *text;
	} rows[] = {{0, "0.0s"}, {0.44, "0.4s"}, {59.99, "59.9s"}, {60, "1m00s"}, {200, "3m20s"}, {3720, "1h02m"},
	        {183600, "2d03h"}, {-1, "-"}, {(double)NAN, "-"}, {(double)INFINITY, "-"}};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct text text = TEXT_NULL;
		format_duration(rows[i].seconds, &text);
		assert_string_equal(text_string(&text), rows[i].text);
		text_finish(&text);
	}
}

static void bars_and_sparklines_fill_their_cells(void **state)
{
	static const double curve[] = {0, 1, (double)NAN, 0.5, 0.5, 1, 1, 1};
	struct text text = TEXT_NULL;
	(void)state;
	format_bar(0.5625, 4, &text);
	format_bar(7, 2, &text);
	format_bar(-1, 2, &text);
	assert_string_equal(text_string(&text), "██▎ ██  ");
	text_clear(&text);
	format_sparkline(curve, 4, 10, &text);
	assert_string_equal(text_string(&text), "▁█ ▅");
	text_clear(&text);
	format_sparkline(curve, 8, 2, &text);
	assert_string_equal(text_string(&text), "▅█");
	text_clear(&text);
	format_sparkline(curve, 0, 10, &text);
	assert_string_equal(text_string(&text), "");
	format_sparkline((const double[]){-1.7e308, 0, 1.7e308}, 3, 10, &text);
	assert_string_equal(text_string(&text), "▁▅█");
	text_finish(&text);
}

static void nested_parameters_get_dotted_names(void **state)
{
	static const char json[] = "{\"lr\":1e-05,\"optimizer\":{\"name\":\"adam\",\"beta\":0.9}}";
	struct text text = TEXT_NULL;
	(void)state;
	format_params(json, &text);
	assert_string_equal(text_string(&text), "lr=1e-05 optimizer.name=adam optimizer.beta=0.9");
	text_finish(&text);
}

static void parameters_are_told_in_six_digits(void **state)
{
	static const char *const cases[][2] = {
	        {"{}", ""},
	        {"{\"lr\":0.00012345678,\"n\":32,\"x\":-1.5,\"f\":1.0}", "lr=0.000123457 n=32 x=-1.5 f=1.0"},
	        {"{\"a\":\"text\",\"b\":true,\"c\":null,\"d\":\"nan\"}", "a=text b=true c=null d=nan"},
	        {"{\"이름\":\"값 둘\",\"t\":0.1234565}", "이름=값 둘 t=0.123456"},
	        {"{\"q\":\"a\\\"b\",\"list\":[1,2.5]}", "q=a\"b list=[1,2.5]"},
	        {"{ \"lr\" : 0.5, \"n\": 2 }", "lr=0.5 n=2"},
	        {"{\"a\"}", ""},
	        {"{\"a\":1", ""},
	        {"{\"a\":\"b}", ""},
	        {"{\"a", ""},
	        {"{", ""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct text text = TEXT_NULL;
		format_params(cases[i][0], &text);
		assert_string_equal(text_string(&text), cases[i][1]);
		text_finish(&text);
	}
}

static void a_traceback_is_told_by_its_last_line(void **state)
{
	static const char *const cases[][2] = {
	        {"exit code 1: Traceback:\n  File \"a.py\"\nValueError: no\n", "exit code 1: ValueError: no"},
	        {"exit code 3", "exit code 3"},
	        {"median at step 3: 0.5 against 0.6", "median at step 3: 0.5 against 0.6"},
	        {"first\nlast: of all", "last: of all"},
	        {"", ""},
	        {"\n", ""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct text text = TEXT_NULL;
		format_reason(cases[i][0], &text);
		assert_string_equal(text_string(&text), cases[i][1]);
		text_finish(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(hangul_takes_two_columns),
	        cmocka_unit_test(a_narrow_terminal_cuts_the_flexible_column),
	        cmocka_unit_test(what_stands_behind_a_wide_character_that_was_cut_off_keeps_its_column),
	        cmocka_unit_test(whole_numbers_are_told_whole_and_others_in_six_digits),
	        cmocka_unit_test(escapes_of_others_do_not_reach_the_terminal),
	        cmocka_unit_test(a_table_without_memory_says_so),
	        cmocka_unit_test(durations_read_well),
	        cmocka_unit_test(bars_and_sparklines_fill_their_cells),
	        cmocka_unit_test(nested_parameters_get_dotted_names),
	        cmocka_unit_test(parameters_are_told_in_six_digits),
	        cmocka_unit_test(a_traceback_is_told_by_its_last_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
