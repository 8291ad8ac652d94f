#include "schema/space/json_parse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/base/number.h"
#include "schema/base/utf8.h"

#define DEPTH_MAX 100

struct json_reader {
	const char *start, *at, *end;
	int depth;
	const char *expected; /* what was missing at `at`; NULL = out of memory */
	bool failed;
};

static cJSON *read_value(struct json_reader *reader);

static cJSON *fail(struct json_reader *reader, const char *expected)
{
	if (!reader->failed) {
		reader->failed = true;
		reader->expected = expected;
	}
	return NULL;
}

static void skip_space(struct json_reader *reader)
{
	while (reader->at < reader->end && strchr(" \t\r\n", *reader->at) && *reader->at)
		reader->at++;
}

static bool take(struct json_reader *reader, char mark)
{
	skip_space(reader);
	if (reader->at == reader->end || *reader->at != mark)
		return false;
	reader->at++;
	return true;
}

static bool take_word(struct json_reader *reader, const char *word)
{
	size_t length = strlen(word);
	if ((size_t)(reader->end - reader->at) < length || memcmp(reader->at, word, length) != 0)
		return false;
	reader->at += length;
	return true;
}

static bool read_hex(struct json_reader *reader, uint32_t *out)
{
	if (reader->end - reader->at < 4)
		return false;
	uint32_t code = 0;
	for (int i = 0; i < 4; i++) {
		static const char digits[] = "0123456789abcdefABCDEF";
		const char *digit = reader->at[i] ? strchr(digits, reader->at[i]) : NULL;
		if (!digit)
			return false;
		size_t value = (size_t)(digit - digits);
		code = code << 4 | (uint32_t)(value < 16 ? value : value - 6);
	}
	reader->at += 4;
	*out = code;
	return true;
}

/* A lone surrogate, which Python writes for broken input, becomes U+FFFD; U+0000 cannot live in a C
 * string. */
static bool read_unicode(struct json_reader *reader, struct text *out)
{
	uint32_t code, low;
	if (!read_hex(reader, &code) || code == 0)
		return false;
	if (code >= 0xd800 && code < 0xdc00) {
		const char *mark = reader->at;
		if (take_word(reader, "\\u") && read_hex(reader, &low) && low >= 0xdc00 && low < 0xe000)
			code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
		else
			reader->at = mark;
	}
	if (code >= 0xd800 && code < 0xe000)
		code = 0xfffd;
	char bytes[4];
	text_append_bytes(out, bytes, utf8_encode(code, bytes));
	return true;
}

static bool read_escape(struct json_reader *reader, struct text *out)
{
	static const char names[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
	if (reader->at == reader->end)
		return false;
	char name = *reader->at++;
	if (name == 'u')
		return read_unicode(reader, out);
	const char *found = name ? strchr(names, name) : NULL;
	if (found)
		text_append_bytes(out, &meanings[found - names], 1);
	return found != NULL;
}

/* Reads behind the opening quote. The caller owns the string; NULL after fail(). */
static char *read_string(struct json_reader *reader)
{
	struct text out = TEXT_NULL;
	for (;;) {
		const char *run = reader->at;
		while (reader->at < reader->end && (unsigned char)*reader->at >= 0x20 && *reader->at != '"' &&
		        *reader->at != '\\')
			reader->at++;
		text_append_bytes(&out, run, (size_t)(reader->at - run));
		if (reader->at == reader->end || (unsigned char)*reader->at < 0x20) {
			fail(reader, "the closing quote of a string");
			break;
		}
		if (*reader->at++ == '"')
			break;
		if (!read_escape(reader, &out)) {
			fail(reader, "an escape like \\n or \\u00e9");
			break;
		}
	}
	if (reader->failed) {
		text_finish(&out);
		return NULL;
	}
	char *string = text_take(&out);
	if (!string)
		fail(reader, NULL);
	return string;
}

static cJSON *read_string_item(struct json_reader *reader)
{
	char *string = read_string(reader);
	if (!string)
		return NULL;
	cJSON *item = cJSON_CreateString(string);
	memory_free(string);
	return item ? item : fail(reader, NULL);
}

bool json_is_number(const char *spelling)
{
	const char *at = spelling + (*spelling == '-');
	size_t whole = strspn(at, "0123456789");
	double value;
	bool tidy =
	        whole > 0 && (*at != '0' || whole == 1) && (at[whole] != '.' || strchr("0123456789", at[whole + 1]));
	return tidy && (at[whole] != '.' || at[whole + 1]) && number_parse(&value, spelling, false);
}

/* The spelling rides along in `valuestring`, so that 1.0 stays a float and 1e-5 is printed as it
 * was written. */
static cJSON *number_item(struct json_reader *reader, const char *spelling)
{
	double value;
	char canonical[NUMBER_TEXT_BYTES];
	if (!json_is_number(spelling) || !number_parse(&value, spelling, false))
		return fail(reader, "a number");
	cJSON *item = cJSON_CreateNumber(value);
	if (!item)
		return fail(reader, NULL);
	number_json(value, canonical);
	if (strcmp(canonical, spelling) == 0)
		return item;
	cJSON *text = cJSON_CreateString(spelling);
	if (!text) {
		cJSON_Delete(item);
		return fail(reader, NULL);
	}
	item->valuestring = text->valuestring;
	text->valuestring = NULL;
	cJSON_Delete(text);
	return item;
}

static cJSON *read_number(struct json_reader *reader)
{
	const char *start = reader->at;
	while (reader->at < reader->end && *reader->at && strchr("+-.eE0123456789", *reader->at))
		reader->at++;
	if (reader->at == start)
		return fail(reader, "a value");
	char *spelling = memory_strndup(start, (size_t)(reader->at - start));
	if (!spelling)
		return fail(reader, NULL);
	cJSON *item = number_item(reader, spelling);
	memory_free(spelling);
	return item;
}

static bool add_element(struct json_reader *reader, cJSON *array)
{
	cJSON *item = read_value(reader);
	if (item && cJSON_AddItemToArray(array, item))
		return true;
	cJSON_Delete(item);
	fail(reader, NULL);
	return false;
}

static bool add_member(struct json_reader *reader, cJSON *object)
{
	if (!take(reader, '"'))
		return fail(reader, "a key in quotes") != NULL;
	char *key = read_string(reader);
	cJSON *item = NULL;
	if (key && !take(reader, ':'))
		fail(reader, "':'");
	else if (key)
		item = read_value(reader);
	bool added = item && cJSON_AddItemToObject(object, key, item);
	if (!added) {
		cJSON_Delete(item);
		fail(reader, NULL);
	}
	memory_free(key);
	return added;
}

static cJSON *read_container(struct json_reader *reader, bool object)
{
	const char close = object ? '}' : ']';
	if (++reader->depth > DEPTH_MAX)
		return fail(reader, "at most 100 levels of nesting");
	cJSON *container = object ? cJSON_CreateObject() : cJSON_CreateArray();
	if (!container)
		return fail(reader, NULL);
	bool going = !take(reader, close);
	while (going && (object ? add_member : add_element)(reader, container)) {
		going = take(reader, ',');
		if (!going && !take(reader, close))
			fail(reader, object ? "',' or '}'" : "',' or ']'");
	}
	reader->depth--;
	if (!reader->failed)
		return container;
	cJSON_Delete(container);
	return NULL;
}

static cJSON *read_word(struct json_reader *reader)
{
	cJSON *item;
	if (take_word(reader, "true"))
		item = cJSON_CreateTrue();
	else if (take_word(reader, "false"))
		item = cJSON_CreateFalse();
	else if (take_word(reader, "null"))
		item = cJSON_CreateNull();
	else if (take_word(reader, "NaN"))
		item = cJSON_CreateString("nan");
	else if (take_word(reader, "Infinity"))
		item = cJSON_CreateString("inf");
	else if (take_word(reader, "-Infinity"))
		item = cJSON_CreateString("-inf");
	else
		return read_number(reader);
	return item ? item : fail(reader, NULL);
}

static cJSON *read_value(struct json_reader *reader)
{
	if (take(reader, '{'))
		return read_container(reader, true);
	if (take(reader, '['))
		return read_container(reader, false);
	if (take(reader, '"'))
		return read_string_item(reader);
	return read_word(reader);
}

int json_read(cJSON **out, const char *bytes, size_t length, struct error *error)
{
	struct json_reader reader = {.start = bytes, .at = bytes, .end = bytes + length};
	if (!utf8_valid(bytes, length))
		return error_set(error, -EINVAL, "JSON is not valid UTF-8");
	cJSON *value = read_value(&reader);
	if (value)
		skip_space(&reader);
	if (value && reader.at != reader.end)
		fail(&reader, "the end of the text");
	if (!reader.failed) {
		*out = value;
		return 0;
	}
	cJSON_Delete(value);
	if (!reader.expected)
		return error_no_memory(error);
	return error_set(
	        error, -EINVAL, "JSON: expected %s at byte %zu", reader.expected, (size_t)(reader.at - reader.start));
}

cJSON *json_parse(const char *bytes, size_t length, struct error *error)
{
	cJSON *value = NULL;
	return json_read(&value, bytes, length, error) == 0 ? value : NULL;
}
