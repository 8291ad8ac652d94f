#include "schema/study/scalar.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/number.h"

#define DIGITS_MAX 64

static bool is_one_of(const char *text, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(text, *words) == 0)
			return true;
	return false;
}

static const char *resolve_flag(struct node *node)
{
	static const char *const yes[] = {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", NULL};
	static const char *const no[] = {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", NULL};
	bool is_yes = is_one_of(node->text, yes);
	if (!is_yes && !is_one_of(node->text, no))
		return NULL;
	node->kind = NODE_FLAG;
	node->number = is_yes;
	if (strchr("tTfF", node->text[0]))
		return NULL;
	return is_yes ? "is read as true; quote it if it is a text" : "is read as false; quote it if it is a text";
}

/* Copies the digits without underscores; false when the text is too long to be a number or starts
 * with one. */
static bool strip_underscores(const char *text, char out[DIGITS_MAX])
{
	size_t length = 0;
	const char *digits = text + strspn(text, "+-");
	if (*digits == '_' || digits - text > 1)
		return false;
	for (; *text; text++) {
		if (length + 1 >= DIGITS_MAX)
			return false;
		if (*text != '_')
			out[length++] = *text;
	}
	out[length] = '\0';
	return true;
}

/* 0x1f, 0b101 and 017 (octal since YAML 1.1). */
static bool parse_based(double *out, const char *digits)
{
	bool negative = *digits == '-';
	digits += *digits == '-' || *digits == '+';
	if (digits[0] != '0' || digits[1] == '\0')
		return false;
	int base = digits[1] == 'x' ? 16 : digits[1] == 'b' ? 2 : 8;
	const char *start = digits + (base == 8 ? 1 : 2);
	char *end;
	if (*start == '\0' || strspn(start, "0123456789abcdefABCDEF") != strlen(start))
		return false;
	double value = (double)strtoull(start, &end, base);
	if (*end)
		return false;
	*out = negative ? -value : value;
	return true;
}

/* 12:30:45 and 1:30.5 count in sixties; 0:30 is a text, 0:30.5 is not. */
static bool parse_sixties(double *out, const char *digits)
{
	bool negative = *digits == '-', first = true;
	digits += *digits == '-' || *digits == '+';
	if (!strchr(digits, ':') || (*digits == '0' && !strchr(digits, '.')))
		return false;
	double value = 0;
	for (;; first = false) {
		size_t length = strspn(digits, "0123456789");
		if (length == 0 || (!first && (length > 2 || strtod(digits, NULL) >= 60)))
			return false;
		value = value * 60 + (double)strtoull(digits, NULL, 10);
		digits += length;
		if (*digits != ':')
			break;
		digits++;
	}
	if (*digits == '.' && !first) {
		size_t length = strspn(digits + 1, "0123456789");
		value += length ? strtod(digits, NULL) : 0;
		digits += 1 + length;
	}
	if (*digits)
		return false;
	*out = negative ? -value : value;
	return true;
}

static bool parse_special(const char *text, double *out)
{
	static const char *const infinities[] = {".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", NULL};
	static const char *const minus_infinities[] = {"-.inf", "-.Inf", "-.INF", NULL};
	static const char *const nans[] = {".nan", ".NaN", ".NAN", NULL};
	if (is_one_of(text, infinities))
		*out = (double)INFINITY;
	else if (is_one_of(text, minus_infinities))
		*out = -(double)INFINITY;
	else if (is_one_of(text, nans))
		*out = (double)NAN;
	else
		return false;
	return true;
}

/* PyYAML wants a point and a signed exponent in a float. */
static bool python_sees_number(const char *digits)
{
	const char *exponent = strpbrk(digits, "eE");
	return !exponent || (strchr(digits, '.') && (exponent[1] == '+' || exponent[1] == '-'));
}

/* 0089 is no octal number and so a text to PyYAML; so are -.5 and ._5. A range takes them as
 * numbers all the same. */
static bool python_sees_text(const char *text)
{
	bool sign = *text == '-' || *text == '+';
	text += sign;
	if (*text == '.')
		return sign || text[1] == '_';
	return *text == '0' && text[1] != '\0' && !strchr(text, '.') && text[1] != 'e' && text[1] != 'E';
}

static const char *resolve_number(struct node *node)
{
	char digits[DIGITS_MAX];
	double value;
	bool special = parse_special(node->text, &value);
	if (!special && !strip_underscores(node->text, digits))
		return NULL;
	if (special) {
		node->kind = NODE_NUMBER;
	} else if (parse_based(&value, digits)) {
		node->kind = NODE_INTEGER;
		node->number = value;
		return strpbrk(digits, "xb") ? NULL : "is read as an octal number, as W&B does";
	} else if (parse_sixties(&value, digits)) {
		node->kind = strchr(digits, '.') ? NODE_NUMBER : NODE_INTEGER;
		node->number = value;
		return "is read in sixties, as W&B does; quote it if it is a text";
	} else if (!python_sees_text(node->text) && number_parse(&value, digits, false)) {
		node->kind = strpbrk(digits, ".eE") ? NODE_NUMBER : NODE_INTEGER;
		node->text_to_python = !python_sees_number(digits);
	} else {
		return NULL;
	}
	node->number = value;
	return NULL;
}

const char *node_resolve_plain(struct node *node)
{
	static const char *const nothing[] = {"", "~", "null", "Null", "NULL", NULL};
	node->kind = NODE_TEXT;
	if (is_one_of(node->text, nothing)) {
		node->kind = NODE_NULL;
		return NULL;
	}
	const char *surprise = resolve_flag(node);
	return node->kind == NODE_TEXT ? resolve_number(node) : surprise;
}
