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
	struct text string;       /* owned; the one read last */
	const char *const *texts; /* keys whose objects stay text, below the outermost; ends with NULL */
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
	while (reader->at < reader->end &&
	        (*reader->at == ' ' || *reader->at == '\t' || *reader->at == '\r' || *reader->at == '\n'))
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

/* Reads behind the opening quote into reader->string, which the next one replaces. */
static bool read_string(struct json_reader *reader)
{
	struct text *out = &reader->string;
	text_clear(out);
	for (;;) {
		const char *run = reader->at;
		while (reader->at < reader->end && (unsigned char)*reader->at >= 0x20 && *reader->at != '"' &&
		        *reader->at != '\\')
			reader->at++;
		text_append_bytes(out, run, (size_t)(reader->at - run));
		if (reader->at == reader->end || (unsigned char)*reader->at < 0x20)
			return fail(reader, "the closing quote of a string") != NULL;
		if (*reader->at++ == '"')
			break;
		if (!read_escape(reader, out))
			return fail(reader, "an escape like \\n or \\u00e9") != NULL;
	}
	return !out->failed || fail(reader, NULL) != NULL;
}

static cJSON *read_string_item(struct json_reader *reader)
{
	cJSON *item = read_string(reader) ? cJSON_CreateString(text_string(&reader->string)) : NULL;
	return item ? item : fail(reader, NULL);
}

/* As JSON spells numbers, if it is one at all. */
static bool is_tidy(const char *spelling)
{
	const char *at = spelling + (*spelling == '-');
	size_t whole = 0;
	while (at[whole] >= '0' && at[whole] <= '9')
		whole++;
	bool fraction = at[whole] != '.' || (at[whole + 1] >= '0' && at[whole + 1] <= '9');
	return whole > 0 && (*at != '0' || whole == 1) && fraction;
}

bool json_is_number(const char *spelling)
{
	double value;
	return is_tidy(spelling) && number_parse(&value, spelling, false);
}

/* An integer as number_json writes it: nothing of its spelling is lost with the text. */
static bool is_plain_integer(const char *spelling, double value)
{
	char canonical[NUMBER_TEXT_BYTES];
	if (strpbrk(spelling, ".eE"))
		return false;
	number_json(value, canonical);
	return strcmp(canonical, spelling) == 0;
}

/* The spelling rides along in `valuestring`, so that 1.0 stays a float and 1e-5 is printed as it
 * was written. cJSON frees it with the item. */
static cJSON *number_item(struct json_reader *reader, const char *spelling)
{
	double value;
	if (!is_tidy(spelling) || !number_parse(&value, spelling, false))
		return fail(reader, "a number");
	cJSON *item = cJSON_CreateNumber(value);
	if (!item)
		return fail(reader, NULL);
	if (is_plain_integer(spelling, value))
		return item;
	size_t bytes = strlen(spelling) + 1;
	item->valuestring = cJSON_malloc(bytes);
	if (!item->valuestring) {
		cJSON_Delete(item);
		return fail(reader, NULL);
	}
	memcpy(item->valuestring, spelling, bytes);
	return item;
}

static bool is_of_number(char byte)
{
	return (byte >= '0' && byte <= '9') || byte == '.' || byte == '-' || byte == '+' || byte == 'e' || byte == 'E';
}

static cJSON *read_number(struct json_reader *reader)
{
	const char *start = reader->at;
	while (reader->at < reader->end && is_of_number(*reader->at))
		reader->at++;
	if (reader->at == start)
		return fail(reader, "a value");
	char digits[NUMBER_TEXT_BYTES]; /* enough but for spellings that nobody needs */
	size_t length = (size_t)(reader->at - start);
	char *copy = length < sizeof digits ? NULL : memory_strndup(start, length);
	if (length >= sizeof digits && !copy)
		return fail(reader, NULL);
	if (!copy) {
		memcpy(digits, start, length);
		digits[length] = '\0';
	}
	cJSON *item = number_item(reader, copy ? copy : digits);
	memory_free(copy);
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

/* Keys are short; the value behind one may be an object with keys of its own. */
struct kept_key {
	char small[64];
	char *heap; /* owned; NULL = it fits */
	const char *name;
};

static bool keep_key(struct kept_key *key, struct json_reader *reader)
{
	const struct text *string = &reader->string;
	if (string->length < sizeof key->small) {
		memcpy(key->small, text_string(string), string->length + 1);
		key->name = key->small;
	} else {
		key->name = key->heap = memory_strndup(string->data, string->length);
	}
	return key->name || fail(reader, NULL) != NULL;
}

static bool stays_text(const struct json_reader *reader, const char *key)
{
	for (const char *const *text = reader->texts; text && *text && reader->depth > 1; text++)
		if (strcmp(*text, key) == 0)
			return true;
	return false;
}

static bool skip_string(struct json_reader *reader)
{
	while (reader->at < reader->end && *reader->at != '"')
		reader->at += *reader->at == '\\' && reader->end - reader->at > 1 ? 2 : 1;
	if (reader->at == reader->end)
		return fail(reader, "the closing quote of a string") != NULL;
	reader->at++;
	return true;
}

/* From behind the brace that opens an object to behind the one that closes it. */
static bool skip_object(struct json_reader *reader)
{
	for (int depth = 1; depth > 0 && reader->at < reader->end;) {
		char byte = *reader->at++;
		depth += byte == '{' ? 1 : byte == '}' ? -1 : 0;
		if (byte == '"' && !skip_string(reader))
			return false;
		if (depth == 0)
			return true;
	}
	return fail(reader, "'}'") != NULL;
}

static cJSON *read_object_text(struct json_reader *reader)
{
	const char *start = reader->at - 1;
	if (!skip_object(reader))
		return NULL;
	text_clear(&reader->string);
	text_append_bytes(&reader->string, start, (size_t)(reader->at - start));
	cJSON *item = reader->string.failed ? NULL : cJSON_CreateRaw(text_string(&reader->string));
	return item ? item : fail(reader, NULL);
}

static cJSON *read_member_value(struct json_reader *reader, const char *key)
{
	return stays_text(reader, key) && take(reader, '{') ? read_object_text(reader) : read_value(reader);
}

static bool add_member(struct json_reader *reader, cJSON *object)
{
	if (!take(reader, '"'))
		return fail(reader, "a key in quotes") != NULL;
	struct kept_key key = {.heap = NULL};
	cJSON *item = NULL;
	if (read_string(reader) && keep_key(&key, reader)) {
		if (take(reader, ':'))
			item = read_member_value(reader, key.name);
		else
			fail(reader, "':'");
	}
	bool added = item && cJSON_AddItemToObject(object, key.name, item);
	if (!added) {
		cJSON_Delete(item);
		fail(reader, NULL);
	}
	memory_free(key.heap);
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

static int read_all(cJSON **out, struct json_reader reader, struct error *error)
{
	const char *bytes = reader.start;
	size_t length = (size_t)(reader.end - bytes);
	if (!utf8_valid(bytes, length))
		return error_set(error, -EINVAL, "JSON is not valid UTF-8");
	cJSON *value = read_value(&reader);
	text_finish(&reader.string);
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

int json_read(cJSON **out, const char *bytes, size_t length, struct error *error)
{
	return read_all(out, (struct json_reader){.start = bytes, .at = bytes, .end = bytes + length}, error);
}

cJSON *json_parse_some(const char *bytes, size_t length, const char *const *texts, struct error *error)
{
	cJSON *value = NULL;
	const struct json_reader reader = {.start = bytes, .at = bytes, .end = bytes + length, .texts = texts};
	return read_all(&value, reader, error) == 0 ? value : NULL;
}

cJSON *json_parse(const char *bytes, size_t length, struct error *error)
{
	cJSON *value = NULL;
	return json_read(&value, bytes, length, error) == 0 ? value : NULL;
}
