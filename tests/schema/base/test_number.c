#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/number.h"
#include "schema/base/rng.h"

/* Printed by CPython 3.11. */
static void doubles_are_printed_as_python_prints_them(void **state)
{
	(void)state;
	static const struct {
		double value;
		const char *repr, *json;
	} cases[] = {
	        {0.1, "0.1", "0.1"},
	        {1, "1.0", "1"},
	        {-0.0, "-0.0", "-0.0"},
	        {32, "32.0", "32"},
	        {0.30000000000000004, "0.30000000000000004", "0.30000000000000004"},
	        {1e-5, "1e-05", "1e-05"},
	        {0.0003, "0.0003", "0.0003"},
	        {0.0001, "0.0001", "0.0001"},
	        {1.5e-7, "1.5e-07", "1.5e-07"},
	        {1e15, "1000000000000000.0", "1000000000000000"},
	        {1e16, "1e+16", "1e+16"},
	        {123456.789, "123456.789", "123456.789"},
	        {9007199254740993.0, "9007199254740992.0", "9007199254740992"},
	        {-2.5e300, "-2.5e+300", "-2.5e+300"},
	        {5e-324, "5e-324", "5e-324"},
	        {1.7976931348623157e308, "1.7976931348623157e+308", "1.7976931348623157e+308"},
	        {(double)NAN, "nan", "\"nan\""},
	        {(double)INFINITY, "inf", "\"inf\""},
	        {-(double)INFINITY, "-inf", "\"-inf\""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char out[NUMBER_TEXT_BYTES];
		number_repr(cases[i].value, out);
		assert_string_equal(out, cases[i].repr);
		number_json(cases[i].value, out);
		assert_string_equal(out, cases[i].json);
	}
}

static void any_double_reads_back_as_itself(void **state)
{
	(void)state;
	struct rng rng;
	rng_init(&rng, 1, 2);
	for (int i = 0; i < 20000; i++) {
		uint64_t bits = rng_next(&rng);
		double value, back;
		memcpy(&value, &bits, sizeof value);
		if (!isfinite(value))
			continue;
		char out[NUMBER_TEXT_BYTES];
		number_repr(value, out);
		assert_true(strlen(out) < NUMBER_TEXT_BYTES);
		assert_true(number_parse(&back, out, false));
		assert_memory_equal(&value, &back, sizeof value);
	}
}

static void only_decimals_are_numbers(void **state)
{
	(void)state;
	static const char *const good[] = {"1", "-3", "+.5", "5.", "1e-5", "1E+5", "0.25"};
	static const char *const bad[] = {"", "-", ".", "1_000", "0x1f", " 1", "1 ", "1e", "e5", "1..2", "nan", "inf"};
	double value = 7;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_true(number_parse(&value, good[i], false));
		assert_true(value == strtod(good[i], NULL));
	}
	value = 7;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(number_parse(&value, bad[i], false));
	assert_true(value == 7);
	assert_true(number_parse(&value, "-Infinity", true) && value < 0 && isinf(value));
	assert_true(number_parse(&value, "NaN", true) && isnan(value));
}

static void a_number_is_found_at_the_start_of_a_text(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t span;
	} cases[] = {{"7.5e-05,", 7}, {"0.61.", 4}, {"0,613", 1}, {"1e", 1}, {"1e+", 1}, {"-.5x", 3}, {"+", 0},
	        {".", 0}, {"nan", 3}, {"-inf|", 4}, {"Infinity ", 8}, {"nano", 0}, {"info", 0}, {"x1", 0}, {"", 0}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(number_span(cases[i].text), cases[i].span);
}

static void whole_numbers_end_at_two_to_the_53rd(void **state)
{
	(void)state;
	assert_true(number_is_integral(9007199254740992.0));
	assert_false(number_is_integral(9007199254740994.0));
	assert_false(number_is_integral(0.5));
	assert_false(number_is_integral((double)NAN));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(doubles_are_printed_as_python_prints_them),
	        cmocka_unit_test(any_double_reads_back_as_itself),
	        cmocka_unit_test(only_decimals_are_numbers),
	        cmocka_unit_test(a_number_is_found_at_the_start_of_a_text),
	        cmocka_unit_test(whole_numbers_end_at_two_to_the_53rd),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
