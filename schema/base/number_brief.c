#include "schema/base/number_brief.h"

#include <string.h>

#include "schema/base/digits.h"

#define SHOWN 6
#define DIGITS_MAX 32
#define EXPONENT_MAX 3 /* digits */

/* d.ddd × 10^exponent, the first digit not 0. */
struct decimal {
	char digits[DIGITS_MAX];
	size_t count;
	int exponent;
};

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

/* What is written behind an e. */
static bool read_exponent(int *out, const char *at, const char *end)
{
	bool negative = at < end && *at == '-';
	at += at < end && (*at == '-' || *at == '+');
	if (at == end || end - at > EXPONENT_MAX)
		return false;
	int exponent = 0;
	for (; at < end && is_digit(*at); at++)
		exponent = 10 * exponent + (*at - '0');
	*out = negative ? -exponent : exponent;
	return at == end;
}

/* Counts the places before the first digit that is not 0, or those between it and the point. */
static bool read_decimal(struct decimal *out, const char *at, const char *end)
{
	bool point = false;
	int written = 0;
	*out = (struct decimal){.exponent = -1};
	for (; at < end && (is_digit(*at) || (*at == '.' && !point)); at++) {
		if (*at == '.') {
			point = true;
			continue;
		}
		if (out->count == DIGITS_MAX)
			return false;
		if (out->count > 0 || *at != '0')
			out->digits[out->count++] = *at;
		if (!point && out->count > 0)
			out->exponent++;
		else if (point && out->count == 0)
			out->exponent--;
	}
	if (at < end && (*at == 'e' || *at == 'E') && read_exponent(&written, at + 1, end))
		at = end;
	out->exponent += written;
	return at == end && out->count > 0;
}

/* To the nearest; false for a tie, which the double behind the decimal decides. */
static bool round_digits(struct decimal *decimal)
{
	if (decimal->count <= SHOWN)
		return true;
	size_t last = decimal->count;
	while (decimal->digits[last - 1] == '0')
		last--;
	if (last == SHOWN + 1 && decimal->digits[SHOWN] == '5')
		return false;
	bool up = decimal->digits[SHOWN] >= '5';
	decimal->count = SHOWN;
	while (up && decimal->count > 0 && decimal->digits[decimal->count - 1] == '9')
		decimal->count--;
	if (up && decimal->count > 0) {
		decimal->digits[decimal->count - 1]++;
	} else if (up) {
		decimal->digits[decimal->count++] = '1';
		decimal->exponent++;
	}
	return true;
}

static char *write_fixed(char *out, const struct decimal *decimal)
{
	size_t whole = decimal->exponent < 0 ? 0 : (size_t)decimal->exponent + 1;
	if (whole == 0) {
		static const char zeros[] = "0.000";
		size_t count = (size_t)(1 - decimal->exponent);
		memcpy(out, zeros, count);
		out += count;
	}
	for (size_t i = 0; i < decimal->count || i < whole; i++) {
		if (whole > 0 && i == whole)
			*out++ = '.';
		*out = '0';
		if (i < decimal->count)
			*out = decimal->digits[i];
		out++;
	}
	return out;
}

static char *write_exponent(char *out, const struct decimal *decimal)
{
	int magnitude = decimal->exponent < 0 ? -decimal->exponent : decimal->exponent;
	*out++ = decimal->digits[0];
	if (decimal->count > 1)
		*out++ = '.';
	memcpy(out, decimal->digits + 1, decimal->count - 1);
	out += decimal->count - 1;
	*out++ = 'e';
	*out++ = decimal->exponent < 0 ? '-' : '+';
	return digits_write(out, (uint64_t)magnitude, magnitude < 100 ? 2 : 3);
}

bool number_brief(char out[NUMBER_TEXT_BYTES], const char *spelling, size_t length)
{
	struct decimal decimal;
	bool negative = length > 0 && *spelling == '-';
	if (!read_decimal(&decimal, spelling + negative, spelling + length) || !round_digits(&decimal))
		return false;
	while (decimal.digits[decimal.count - 1] == '0')
		decimal.count--;
	if (decimal.exponent < -300 || decimal.exponent > 300) /* near what a double cannot hold */
		return false;
	if (negative)
		*out++ = '-';
	bool fixed = decimal.exponent >= -4 && decimal.exponent < SHOWN;
	*(fixed ? write_fixed(out, &decimal) : write_exponent(out, &decimal)) = '\0';
	return true;
}
