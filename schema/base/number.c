#include "schema/base/number.h"

#include <assert.h>
#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool number_is_integral(double value)
{
	return fabs(value) <= 9007199254740992.0 && floor(value) == value;
}

static const char *special_name(double value)
{
	return isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

/* Shortest significand that round-trips: 17 digits always do. Every decimal of up to
 * DBL_DIG digits comes through a normal double unchanged, so what is shorter is found at DBL_DIG,
 * with zeros behind it; numbers below DBL_MIN have fewer digits than that. Fills digits and the
 * decimal exponent. */
static void shortest_digits(double value, char digits[24], int *exponent)
{
	char buffer[40];
	for (int count = value < DBL_MIN ? 1 : DBL_DIG; count <= 17; count++) {
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
	assert(count > 0);
	while (count > 1 && digits[count - 1] == '0')
		count--;
	digits[count] = '\0';
}

static void layout_fixed(const char *digits, int exponent, char *out)
{
	int count = (int)strlen(digits);
	if (exponent < 0)
		snprintf(out, NUMBER_TEXT_BYTES - 1, "0.%.*s%s", -exponent - 1, "0000", digits);
	else if (count <= exponent + 1) {
		memset(out, '0', (size_t)exponent + 1);
		memcpy(out, digits, (size_t)count);
		strcpy(out + exponent + 1, ".0");
	} else
		snprintf(out, NUMBER_TEXT_BYTES - 1, "%.*s.%s", exponent + 1, digits, digits + exponent + 1);
}

void number_repr(double value, char out[NUMBER_TEXT_BYTES])
{
	if (!isfinite(value)) {
		strcpy(out, special_name(value));
		return;
	}
	if (signbit(value))
		*out++ = '-';
	char digits[24];
	int exponent;
	shortest_digits(fabs(value), digits, &exponent);
	if (exponent >= -4 && exponent < 16)
		layout_fixed(digits, exponent, out);
	else
		snprintf(out, NUMBER_TEXT_BYTES - 1, "%c%s%se%+03d", digits[0], digits[1] ? "." : "", digits + 1,
		        exponent);
}

void number_json(double value, char out[NUMBER_TEXT_BYTES])
{
	if (!isfinite(value))
		snprintf(out, NUMBER_TEXT_BYTES, "\"%s\"", special_name(value));
	else if (number_is_integral(value) && (value != 0 || !signbit(value)))
		snprintf(out, NUMBER_TEXT_BYTES, "%.0f", value);
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
	*out = strtod(text, NULL);
	return true;
}

double number_between(double low, double high, double share)
{
	double width = high - low;
	return isfinite(width) ? low + share * width : low * (1 - share) + high * share;
}
