#include "schema/base/number.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "schema/base/digits.h"

bool number_is_integral(double value)
{
	return fabs(value) <= 9007199254740992.0 && floor(value) == value;
}

static const char *special_name(double value)
{
	return isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

/* d.ddd × 10^exponent without an exponent, which is between −4 and 15. */
static void layout_fixed(const char *digits, int exponent, char *out)
{
	int count = (int)strlen(digits), whole = exponent < 0 ? 0 : exponent + 1;
	if (whole == 0) {
		strcpy(out, "0.000"); /* one zero per step below −1 */
		strcpy(out + 1 - exponent, digits);
	} else if (count <= whole) {
		memset(out, '0', (size_t)whole);
		memcpy(out, digits, (size_t)count);
		strcpy(out + whole, ".0");
	} else {
		memcpy(out, digits, (size_t)whole);
		out[whole] = '.';
		strcpy(out + whole + 1, digits + whole);
	}
}

static void layout_exponent(const char *digits, int exponent, char *out)
{
	unsigned magnitude = exponent < 0 ? (unsigned)-exponent : (unsigned)exponent;
	size_t count = strlen(digits);
	*out++ = *digits;
	if (count > 1)
		*out++ = '.';
	memcpy(out, digits + 1, count - 1);
	out += count - 1;
	*out++ = 'e';
	*out++ = exponent < 0 ? '-' : '+';
	*digits_write(out, magnitude, magnitude < 100 ? 2 : 3) = '\0';
}

void number_repr(double value, char out[NUMBER_TEXT_BYTES])
{
	if (!isfinite(value)) {
		strcpy(out, special_name(value));
		return;
	}
	if (signbit(value))
		*out++ = '-';
	char digits[DIGITS_BYTES];
	int exponent;
	digits_shortest(fabs(value), digits, &exponent);
	if (exponent >= -4 && exponent < 16)
		layout_fixed(digits, exponent, out);
	else
		layout_exponent(digits, exponent, out);
}

void number_json(double value, char out[NUMBER_TEXT_BYTES])
{
	if (!isfinite(value))
		snprintf(out, NUMBER_TEXT_BYTES, "\"%s\"", special_name(value));
	else if (number_is_integral(value) && (value != 0 || !signbit(value)))
		digits_integer((int64_t)value, out);
	else
		number_repr(value, out);
}

/* nan, inf or infinity, which no letter may follow. */
static size_t special_span(const char *text)
{
	static const char *const words[] = {"nan", "infinity", "inf"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		size_t length = strlen(words[i]);
		if (strncasecmp(text, words[i], length) == 0)
			return isalnum((unsigned char)text[length]) || text[length] == '_' ? 0 : length;
	}
	return 0;
}

static size_t exponent_span(const char *text)
{
	if (*text != 'e' && *text != 'E')
		return 0;
	size_t sign = text[1] == '+' || text[1] == '-';
	size_t digits = strspn(text + 1 + sign, "0123456789");
	return digits ? 1 + sign + digits : 0;
}

/* strtod takes more than people mean by a number (hex, leading space), hence a grammar. */
static size_t decimal_span(const char *text)
{
	size_t sign = *text == '+' || *text == '-';
	const char *at = text + sign;
	size_t whole = strspn(at, "0123456789");
	size_t fraction = at[whole] == '.' ? 1 + strspn(at + whole + 1, "0123456789") : 0;
	if (whole == 0 && fraction <= 1)
		return 0;
	return sign + whole + fraction + exponent_span(at + whole + fraction);
}

size_t number_span(const char *text)
{
	size_t decimal = decimal_span(text), sign = *text == '+' || *text == '-';
	size_t special = decimal ? 0 : special_span(text + sign);
	return decimal ? decimal : special ? sign + special : 0;
}

static bool parse_special(double *out, const char *text)
{
	bool negative = *text == '-';
	if (*text == '+' || *text == '-')
		text++;
	if (strcasecmp(text, "nan") == 0)
		*out = (double)NAN;
	else if (strcasecmp(text, "inf") == 0 || strcasecmp(text, "infinity") == 0)
		*out = negative ? -(double)INFINITY : (double)INFINITY;
	else
		return false;
	return true;
}

bool number_parse(double *out, const char *text, bool allow_special)
{
	if (allow_special && parse_special(out, text))
		return true;
	size_t length = decimal_span(text);
	if (length == 0 || text[length] != '\0')
		return false;
	if (!digits_read(out, text, length))
		*out = strtod(text, NULL);
	return true;
}

double number_between(double low, double high, double share)
{
	double width = high - low;
	return isfinite(width) ? low + share * width : low * (1 - share) + high * share;
}
