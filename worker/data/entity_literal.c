#include "worker/data/entity_literal.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/utf8.h"

void entity_literal_finish(struct entity_literal *literal)
{
	text_finish(&literal->word);
	text_finish(&literal->type);
	text_finish(&literal->key);
	text_finish(&literal->other);
}

/* text_clear forgets that a text failed, so failures are collected after each pair. */
static bool any_failed(const struct entity_literal *literal)
{
	return literal->word.failed || literal->type.failed || literal->key.failed || literal->other.failed;
}

static const char *skip_space(const char *at)
{
	return at + strspn(at, " \t\r\n");
}

static int hex_value(char digit)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = digit ? strchr(digits, digit >= 'A' && digit <= 'F' ? digit + 32 : digit) : NULL;
	return found ? (int)(found - digits) : -1;
}

/* \xHH, \uHHHH, \UHHHHHHHH: `count` digits from `at`; NULL when they are not there. */
static const char *parse_hex(struct text *out, const char *at, int count)
{
	uint32_t code = 0;
	for (int i = 0; i < count; i++, at++) {
		if (hex_value(*at) < 0)
			return NULL;
		code = code << 4 | (uint32_t)hex_value(*at);
	}
	if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return NULL;
	char bytes[4];
	text_append_bytes(out, bytes, utf8_encode(code, bytes));
	return at;
}

/* `at` is after the backslash. */
static const char *parse_escape(struct text *out, const char *at)
{
	static const char names[] = "\\'\"ntr", values[] = "\\'\"\n\t\r";
	if (*at == 'x' || *at == 'u' || *at == 'U')
		return parse_hex(out, at + 1, *at == 'x' ? 2 : *at == 'u' ? 4 : 8);
	const char *found = *at ? strchr(names, *at) : NULL;
	if (!found)
		return NULL;
	text_append_bytes(out, &values[found - names], 1);
	return at + 1;
}

/* A string in either kind of quotes; returns the place after it, or NULL. */
static const char *parse_string(struct text *out, const char *at)
{
	char quote = *at;
	text_clear(out);
	if (quote != '\'' && quote != '"')
		return NULL;
	at++;
	while (at && *at != quote) {
		if (!*at)
			return NULL;
		const char stops[] = {quote, '\\', '\0'};
		size_t plain = strcspn(at, stops);
		text_append_bytes(out, at, plain);
		at += plain;
		if (*at == '\\')
			at = parse_escape(out, at + 1);
	}
	return at ? at + 1 : NULL;
}

static const char *parse_integer(double *out, const char *at)
{
	size_t sign = *at == '-', digits = strspn(at + sign, "0123456789");
	if (digits == 0 || digits > 15)
		return NULL;
	*out = strtod(at, NULL);
	return at + sign + digits;
}

struct literal_key {
	const char *name;
	const char *missing;
};

static const struct literal_key keys[] = {
        {"word", "has no 'word'"},
        {"type", "has no 'type'"},
        {"start_idx", "has no 'start_idx'"},
        {"end_idx", "has no 'end_idx'"},
};
#define KEY_COUNT (sizeof keys / sizeof *keys)

static size_t find_key(const char *name)
{
	size_t i = 0;
	while (i < KEY_COUNT && strcmp(keys[i].name, name) != 0)
		i++;
	return i;
}

static const char *parse_value(struct entity_literal *literal, size_t key, const char *at)
{
	assert(key <= KEY_COUNT);
	struct text *const texts[KEY_COUNT] = {&literal->word, &literal->type};
	double *const numbers[KEY_COUNT] = {NULL, NULL, &literal->start, &literal->end};
	if (key < KEY_COUNT) {
		literal->seen |= 1u << key;
		return texts[key] ? parse_string(texts[key], at) : parse_integer(numbers[key], at);
	}
	double ignored;
	return *at == '\'' || *at == '"' ? parse_string(&literal->other, at) : parse_integer(&ignored, at);
}

static const char *parse_pair(struct entity_literal *literal, const char *at)
{
	at = parse_string(&literal->key, at);
	if (!at)
		return NULL;
	at = skip_space(at);
	if (*at != ':')
		return NULL;
	at = parse_value(literal, find_key(text_string(&literal->key)), skip_space(at + 1));
	literal->failed = literal->failed || any_failed(literal);
	return at ? skip_space(at) : NULL;
}

static const char *missing_key(const struct entity_literal *literal)
{
	for (size_t i = 0; i < KEY_COUNT; i++)
		if (!(literal->seen & 1u << i))
			return keys[i].missing;
	return NULL;
}

const char *entity_literal_parse(struct entity_literal *literal, const char *source)
{
	static const char not_a_dict[] = "is not a Python dict of strings and integers";
	literal->seen = 0;
	literal->failed = false;
	const char *at = skip_space(source);
	if (*at != '{')
		return not_a_dict;
	at = skip_space(at + 1);
	while (*at != '}') {
		at = parse_pair(literal, at);
		if (!at || (*at != ',' && *at != '}'))
			return not_a_dict;
		if (*at == ',')
			at = skip_space(at + 1);
	}
	if (*skip_space(at + 1))
		return not_a_dict;
	return missing_key(literal);
}
