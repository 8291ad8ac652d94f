#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/digits.h"
#include "schema/base/number.h"
#include "schema/base/number_brief.h"
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
	        {0x1p-24, "5.960464477539063e-08", "5.960464477539063e-08"},
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

/* As C's formats would say it, which have been looked through by hand: the first of 15, 16 and 17
 * digits that reads back. */
static bool is_shortest(double value, const char *text)
{
	char wanted[40];
	double back;
	for (int count = 15; count <= 17; count++) {
		snprintf(wanted, sizeof wanted, "%.*e", count - 1, value);
		if (strtod(wanted, NULL) == value)
			break;
	}
	return number_parse(&back, text, false) && back == value && strtod(wanted, NULL) == back &&
	       strlen(text) <= strlen(wanted);
}

/* Ordinary sizes, where no format of C's is used: neighbours of round numbers and of powers of two,
 * and numbers half way between two decimals. */
static void numbers_of_every_size_have_the_fewest_digits(void **state)
{
	(void)state;
	struct rng rng;
	char out[NUMBER_TEXT_BYTES];
	rng_init(&rng, 3, 4);
	for (int i = 0; i < 60000; i++) {
		double value = ldexp(1 + (i % 3 ? rng_uniform(&rng) : 0), i % 140 - 70);
		if (i % 5 == 0)
			value = (double)(1 + rng_below(&rng, 100000)) * pow(10, i % 40 - 22);
		if (i % 7 == 0)
			value = nextafter(value, i % 2 ? INFINITY : 0);
		if (i % 11 == 0)
			value = (double)rng_below(&rng, UINT64_C(1) << 53) / (double)(1 << i % 20);
		number_repr(value, out);
		if (!is_shortest(value, out))
			fail_msg("%.17g is written as %s", value, out);
	}
}

static void integers_are_written_digit_by_digit(void **state)
{
	(void)state;
	static const int64_t numbers[] = {0, 7, -10, 99, 100, INT64_MAX, INT64_MIN};
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		char out[DIGITS_BYTES], wanted[DIGITS_BYTES];
		digits_integer(numbers[i], out);
		snprintf(wanted, sizeof wanted, "%lld", (long long)numbers[i]);
		assert_string_equal(out, wanted);
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

/* Decimals of up to 19 digits are read without strtod, which has to agree to the last bit. */
static void decimals_are_read_as_strtod_reads_them(void **state)
{
	(void)state;
	static const char *const forms[] = {"%.17g", "%.6f", "%.12e", "%.0f", "-%.15g", "%.19f"};
	static const char *const edges[] = {"0", "-0", "-0.0", "0e5", "00.1", ".5", "5.", "1e-19", "1e22",
	        "9999999999999999999", "18446744073709551615", "9007199254740993", "9007199254740992.5",
	        "0.000000000000000000001", "1e-400", "1e400"};
	struct rng rng;
	double value, wanted;
	rng_init(&rng, 5, 6);
	for (int i = 0; i < 30000; i++) {
		char text[400];
		value = ldexp(rng_uniform(&rng), i % 80 - 40);
		if (i % 9 == 0)
			value = (double)(UINT64_C(1) << 53) + (double)rng_below(&rng, 1000);
		snprintf(text, sizeof text, forms[i % 6], value);
		assert_true(number_parse(&value, text, false));
		wanted = strtod(text, NULL);
		assert_memory_equal(&value, &wanted, sizeof value);
	}
	for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
		assert_true(number_parse(&value, edges[i], false));
		wanted = strtod(edges[i], NULL);
		assert_memory_equal(&value, &wanted, sizeof value);
	}
}

static void must_be_brief(const char *spelling, double value, bool decided)
{
	char brief[NUMBER_TEXT_BYTES] = "untouched", printed[64];
	snprintf(printed, sizeof printed, "%.6g", value);
	bool done = number_brief(brief, spelling, strlen(spelling));
	if (decided)
		assert_true(done);
	assert_string_equal(brief, done ? printed : "untouched");
}

static void six_digits_are_those_that_printf_gives(void **state)
{
	(void)state;
	struct rng rng;
	rng_init(&rng, 5, 1);
	for (int i = 0; i < 200000; i++) {
		char spelling[NUMBER_TEXT_BYTES];
		double scale = pow(10, floor(rng_uniform(&rng) * 40) - 20);
		double value = (i % 2 ? 1 : -1) * rng_uniform(&rng) * scale;
		number_repr(value, spelling);
		must_be_brief(spelling, value, true);
	}
	static const char *const others[] = {"0.5", "-0.25", "123456.7", "999999.6", "0.00012345678", "0.0000999999951",
	        "1e-05", "1.5E+07", "12345678", "100000", "1000000", "3.00", "0.1234565", "1.5e-320", "0.0", "1e9999"};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		must_be_brief(others[i], strtod(others[i], NULL), false);
	static const char *const none[] = {
	        "", "-", ".", "e5", "1.2.3", "1e", "1e+", "nan", "0x1p3", "12345678901234567890123456789012345"};
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		assert_false(number_brief((char[NUMBER_TEXT_BYTES]){0}, none[i], strlen(none[i])));
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
	        cmocka_unit_test(numbers_of_every_size_have_the_fewest_digits),
	        cmocka_unit_test(integers_are_written_digit_by_digit),
	        cmocka_unit_test(only_decimals_are_numbers),
	        cmocka_unit_test(a_number_is_found_at_the_start_of_a_text),
	        cmocka_unit_test(decimals_are_read_as_strtod_reads_them),
	        cmocka_unit_test(six_digits_are_those_that_printf_gives),
	        cmocka_unit_test(whole_numbers_end_at_two_to_the_53rd),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
