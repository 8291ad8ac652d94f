/* Options as tables: values, sentences, command lines, help. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "schema/base/option_help.h"
#include "schema/base/option_line.h"

struct values {
	const char *out;
	int64_t rows;
	double rate;
	bool idf, quiet;
	int loss;
	struct option_texts allow;
	size_t operand_count;
	const char *last_operand;
};

#define AT(member) offsetof(struct values, member)

static const struct option table[] = {
        {"out", OPTION_TEXT, AT(out), NULL, 0, 0, NULL, "FILE", "where to"},
        {"rows", OPTION_INTEGER, AT(rows), "32", 1, 4096, NULL, "N", "rows per step"},
        {"learning_rate", OPTION_NUMBER, AT(rate), "0.1", 1e-6, 100, NULL, "X", "largest step size"},
        {"idf", OPTION_SWITCH, AT(idf), "true", 0, 0, NULL, "", "rare features count more"},
        {"quiet", OPTION_BARE, AT(quiet), NULL, 0, 0, NULL, "", "say nothing"},
        {"loss", OPTION_CHOICE, AT(loss), "hinge", 0, 0, OPTION_CHOICES("cross_entropy", "focal", "hinge"), "",
                "what is minimised"},
        {"allow-command", OPTION_TEXTS, AT(allow), NULL, 0, 0, NULL, "PROGRAM", "repeatable"},
};

static struct option_group group_over(struct values *values)
{
	return (struct option_group){"Options", table, sizeof table / sizeof *table, values};
}

static int keep_operand(void *context, const char *word, struct error *error)
{
	struct values *values = context;
	(void)error;
	values->operand_count++;
	values->last_operand = word;
	return 0;
}

static int read_line(struct values *values, const char *const *argv, struct error *error)
{
	*values = (struct values){0};
	const struct option_group group = group_over(values);
	options_set_defaults(&group);
	return option_line_read(
	        &(struct option_line){&group, 1, .operand = keep_operand, .context = values}, argv, error);
}

static void what_is_not_given_has_its_default(void **state)
{
	struct values values;
	struct error error;
	(void)state;
	assert_int_equal(read_line(&values, (const char *const[]){NULL}, &error), 0);
	assert_null(values.out);
	assert_int_equal(values.rows, 32);
	assert_true(values.rate == 0.1 && values.idf && !values.quiet);
	assert_int_equal(values.loss, 2);
}

static void values_may_be_attached_or_follow_and_dashes_are_underscores(void **state)
{
	static const char *const argv[] = {"--learning-rate=1e-3", "--rows", "32.0", "--idf", "False", "--quiet",
	        "in.csv", "--loss=focal", "--allow-command", "sh", "--allow_command=env", "-0.5", "-nan", "-Infinity",
	        "--", "--rows", NULL};
	struct values values;
	struct error error;
	(void)state;
	assert_int_equal(read_line(&values, argv, &error), 0);
	assert_true(values.rate == 1e-3 && !values.idf && values.quiet);
	assert_int_equal(values.loss, 1);
	assert_int_equal(values.allow.count, 2);
	assert_string_equal(values.allow.items[1], "env");
	assert_int_equal(values.operand_count, 5);
	assert_string_equal(values.last_operand, "--rows");
}

static void what_is_wrong_is_said_in_a_sentence(void **state)
{
	static const struct {
		const char *words[3], *sentence;
	} cases[] = {
	        {{"--rows=many"}, "--rows: a whole number is expected, not 'many'"},
	        {{"--rows", "1.5"}, "--rows: a whole number is expected, not 1.5"},
	        {{"--rows=0"}, "--rows: 0 is outside 1 to 4096"},
	        {{"--learning_rate=fast"}, "--learning_rate: a number is expected, not 'fast'"},
	        {{"--idf=maybe"}, "--idf: true or false is expected, not 'maybe'"},
	        {{"--loss=focla"},
	                "--loss: cross_entropy, focal or hinge is expected, not 'focla'; did you mean focal?"},
	        {{"--quiet=1"}, "--quiet takes no value"},
	        {{"--rows"}, "--rows needs a value: N"},
	        {{"--idf"}, "--idf needs a value"},
	        {{"--lerning_rate=1"}, "there is no option --lerning_rate; did you mean --learning_rate?"},
	        {{"--frobnicate"}, "there is no option --frobnicate; --help lists them"},
	        {{"-r", "3"}, "there is no option -r; --help lists them"},
	};
	struct values values;
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct error error = {""};
		assert_int_equal(read_line(&values, cases[i].words, &error), -EINVAL);
		assert_string_equal(error.text, cases[i].sentence);
	}
}

static void a_value_is_printed_as_it_is_read(void **state)
{
	static const char *const argv[] = {
	        "--rows=7", "--learning_rate=1e-05", "--idf=no", "--loss=focal", "--out=a b", NULL};
	static const char *const printed[] = {"a b", "7", "1e-05", "false", "false", "focal"};
	struct values values;
	struct error error;
	const struct option_group group = group_over(&values);
	(void)state;
	assert_int_equal(read_line(&values, argv, &error), 0);
	for (size_t i = 0; i < sizeof printed / sizeof *printed; i++) {
		struct text text = TEXT_NULL;
		option_print(&group, &table[i], &text);
		assert_string_equal(text_string(&text), printed[i]);
		text_finish(&text);
	}
}

static void the_values_of_one_option_can_be_looked_up_beforehand(void **state)
{
	static const char *const argv[] = {"--text", "a", "rest", "--text=b", "--model=cnn", NULL};
	(void)state;
	assert_string_equal(option_line_nth(argv, "text", 0), "a");
	assert_string_equal(option_line_nth(argv, "text", 1), "b");
	assert_null(option_line_nth(argv, "text", 2));
	assert_string_equal(option_line_last(argv, "text"), "b");
	assert_null(option_line_last(argv, "none"));
	assert_false(option_line_wants_help(argv));
	assert_true(option_line_wants_help((const char *const[]){"a", "-h", NULL}));
}

static void help_shows_values_defaults_and_meanings(void **state)
{
	static const char *const lines[] = {"--rows N ", "rows per step (default 32)",
	        "--loss cross_entropy|focal|hinge", "--quiet ", "repeatable"};
	static const char *const long_lines[] = {"--rows=int 1..4096 (N)", "--idf=bool", "[not given]", "[hinge]"};
	const struct option_group group = group_over(NULL);
	struct text brief = TEXT_NULL, whole = TEXT_NULL;
	(void)state;
	options_help_brief(&group, &brief);
	options_help(&group, &whole);
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		assert_non_null(strstr(text_string(&brief), lines[i]));
	for (size_t i = 0; i < sizeof long_lines / sizeof *long_lines; i++)
		assert_non_null(strstr(text_string(&whole), long_lines[i]));
	text_finish(&brief);
	text_finish(&whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_is_not_given_has_its_default),
	        cmocka_unit_test(values_may_be_attached_or_follow_and_dashes_are_underscores),
	        cmocka_unit_test(what_is_wrong_is_said_in_a_sentence),
	        cmocka_unit_test(a_value_is_printed_as_it_is_read),
	        cmocka_unit_test(the_values_of_one_option_can_be_looked_up_beforehand),
	        cmocka_unit_test(help_shows_values_defaults_and_meanings),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
