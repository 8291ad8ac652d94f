#include "schema/base/digits.h"

#include <assert.h>
#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS_MOST 17      /* always read back */
#define FIVES_MOST 27       /* 5^27 < 2^63 */
#define SIGNIFICAND_MOST 19 /* 10^19 < 2^64 */
#define TEN_16 UINT64_C(10000000000000000)
#define TEN_17 UINT64_C(100000000000000000)

__extension__ typedef unsigned __int128 wide;

/* Any number at all. Every decimal of up to DBL_DIG digits comes through a normal double unchanged,
 * so what is shorter is found at DBL_DIG, with zeros behind it; numbers below DBL_MIN have fewer
 * digits than that. */
static void search_digits(double value, char digits[DIGITS_BYTES], int *exponent)
{
	char buffer[40];
	for (int count = value < DBL_MIN ? 1 : DBL_DIG; count <= DIGITS_MOST; count++) {
		snprintf(buffer, sizeof buffer, "%.*e", count - 1, value);
		if (strtod(buffer, NULL) == value)
			break;
	}
	char *e = strchr(buffer, 'e');
	*exponent = atoi(e + 1);
	size_t count = 0;
	for (char *at = buffer; at < e; at++)
		if (isdigit((unsigned char)*at))
			digits[count++] = *at;
	digits[count] = '\0';
}

/* A number of ordinary size times 10^places, exactly: `exact` / 2^shift, which has 17 digits before
 * its point. */
struct scaled {
	wide exact;
	int shift;
	int places;
	uint64_t gap; /* to where the next double begins to be nearer, in the unit of `exact` */
	bool lowest;  /* of its power of two: below it, the gap is half as wide */
	bool even;    /* what lies just between two doubles is read as the even one */
};

static uint64_t power_of_five(int exponent)
{
	uint64_t power = 1, base = 5;
	for (; exponent > 0; exponent >>= 1, base *= base)
		power *= exponent & 1 ? base : 1;
	return power;
}

static bool scale_by(struct scaled *out, uint64_t significand, int exponent, int places)
{
	if (places < 0 || places > FIVES_MOST || 2 - exponent - places < 2)
		return false;
	uint64_t fives = power_of_five(places);
	*out = (struct scaled){
	        .exact = (wide)(4 * significand) * fives,
	        .shift = 2 - exponent - places,
	        .places = places,
	        .gap = 2 * fives,
	        .lowest = significand == UINT64_C(1) << (DBL_MANT_DIG - 1),
	        .even = significand % 2 == 0,
	};
	return true;
}

/* False for what is too large or too small for it: below 1e-11, from 2^53 on. */
static bool scale(struct scaled *out, double value)
{
	int exponent;
	uint64_t significand = (uint64_t)ldexp(frexp(value, &exponent), DBL_MANT_DIG);
	int ten = (int)floor((exponent - 1) * 0.30102999566398120), places = DIGITS_MOST - 1 - ten;
	if (!scale_by(out, significand, exponent - DBL_MANT_DIG, places))
		return false;
	return out->exact >> out->shift < TEN_17 ||
	       scale_by(out, significand, exponent - DBL_MANT_DIG, places - 1); /* `ten` was one too low */
}

static bool reads_back(const struct scaled *scaled, wide distance, uint64_t gap)
{
	return distance < gap || (distance == gap && scaled->even);
}

/* The nearest multiple of `unit` (1, 10 or 100), of equally near ones the even: the quotient. False
 * when another double is nearer to that. */
static bool round_to(uint64_t *out, const struct scaled *scaled, uint64_t unit)
{
	uint64_t quotient = (uint64_t)(scaled->exact >> scaled->shift) / unit;
	wide step = (wide)unit << scaled->shift;
	wide rest = scaled->exact - ((wide)(quotient * unit) << scaled->shift);
	bool up = 2 * rest > step || (2 * rest == step && quotient % 2 == 1);
	if (scaled->lowest && !up)
		up = !reads_back(scaled, rest, scaled->gap / 2);
	*out = quotient + up;
	return reads_back(scaled, up ? step - rest : rest, scaled->gap);
}

static bool work_out_digits(double value, char digits[DIGITS_BYTES], int *exponent)
{
	struct scaled scaled;
	uint64_t number = 0, unit = 100;
	if (!(value > 0) || !scale(&scaled, value))
		return false;
	while (!round_to(&number, &scaled, unit) && unit > 1)
		unit /= 10;
	number *= unit;
	*exponent = DIGITS_MOST - 1 - scaled.places + (number >= TEN_17);
	number = number >= TEN_17 ? TEN_16 : number;
	*digits_write(digits, number, DIGITS_MOST) = '\0';
	return true;
}

void digits_shortest(double value, char digits[DIGITS_BYTES], int *exponent)
{
	if (!work_out_digits(value, digits, exponent))
		search_digits(value, digits, exponent);
	size_t count = strlen(digits);
	assert(count > 0);
	while (count > 1 && digits[count - 1] == '0')
		count--;
	digits[count] = '\0';
}

/* number / 10^places; the quotient has 62 bits or more, and a last bit that is not zero where there
 * is a rest, so that rounding it to a double rounds the whole. */
static double divide(uint64_t number, int places)
{
	int shift = 0;
	for (; !(number >> 63); shift++)
		number <<= 1;
	wide dividend = (wide)number << 63;
	uint64_t divisor = power_of_five(places) << places;
	wide quotient = dividend / divisor;
	bool rest = quotient * divisor != dividend;
	for (; quotient >> 64; quotient >>= 1, shift--)
		rest |= quotient & 1;
	return ldexp((double)((uint64_t)quotient | rest), -shift - 63);
}

/* The significand without its point, and how many of its digits are behind that. Leading zeros do
 * not count. */
static bool read_significand(uint64_t *number, int *places, const char **at, const char *end)
{
	bool behind = false;
	int count = 0;
	*number = 0;
	*places = 0;
	for (; *at < end && **at != 'e' && **at != 'E'; (*at)++) {
		if (**at == '.') {
			behind = true;
			continue;
		}
		*number = *number * 10 + (uint64_t)(**at - '0');
		*places += behind;
		count += *number > 0;
		if (count > SIGNIFICAND_MOST)
			return false;
	}
	return true;
}

static int read_exponent(const char *at, const char *end)
{
	bool negative = at < end && at[1] == '-';
	int exponent = 0;
	for (at += at < end ? 1 : 0; at < end && exponent < 1000; at++)
		exponent = *at >= '0' && *at <= '9' ? exponent * 10 + (*at - '0') : exponent;
	return negative ? -exponent : exponent;
}

bool digits_read(double *out, const char *text, size_t length)
{
	const char *end = text + length, *at = text + (*text == '-' || *text == '+');
	uint64_t number;
	int places;
	if (!read_significand(&number, &places, &at, end))
		return false;
	places -= read_exponent(at, end);
	if (number > 0 && (places < 0 || places > SIGNIFICAND_MOST))
		return false;
	double value = number == 0 ? 0 : places == 0 ? (double)number : divide(number, places);
	*out = *text == '-' ? -value : value;
	return true;
}

char *digits_write(char *out, uint64_t number, int count)
{
	for (int i = count - 1; i >= 0; i--, number /= 10)
		out[i] = (char)('0' + number % 10);
	return out + count;
}

void digits_integer(int64_t number, char out[DIGITS_BYTES])
{
	uint64_t magnitude = number < 0 ? -(uint64_t)number : (uint64_t)number;
	int count = 1;
	for (uint64_t rest = magnitude / 10; rest > 0; rest /= 10)
		count++;
	if (number < 0)
		*out++ = '-';
	*digits_write(out, magnitude, count) = '\0';
}
