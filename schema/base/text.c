#include "schema/base/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"
#include "schema/base/utf8.h"

void text_finish(struct text *text)
{
	memory_free(text->data);
	*text = TEXT_NULL;
}

void text_clear(struct text *text)
{
	text->length = 0;
	text->failed = false;
	if (text->data)
		text->data[0] = '\0';
}

static bool reserve(struct text *text, size_t more)
{
	if (more < text->capacity - text->length && !text->failed)
		return true;
	if (!text->failed)
		text->failed = more >= SIZE_MAX - text->length ||
		               array_reserve(text->data, &text->capacity, text->length + more + 1) < 0;
	return !text->failed;
}

void text_append_bytes(struct text *text, const char *bytes, size_t length)
{
	assert(bytes || length == 0);
	if (!reserve(text, length))
		return;
	assert(text->data);
	if (length)
		memcpy(text->data + text->length, bytes, length);
	text->length += length;
	text->data[text->length] = '\0';
}

void text_printf(struct text *text, const char *format, ...)
{
	char line[256]; /* mostly enough, so that formatting once is */
	va_list args;
	va_start(args, format);
	int length = vsnprintf(line, sizeof line, format, args);
	va_end(args);
	text->failed |= length < 0; /* more than an int counts */
	if (!reserve(text, (size_t)length))
		return;
	if ((size_t)length < sizeof line) {
		text_append_bytes(text, line, (size_t)length);
		return;
	}
	va_start(args, format);
	vsnprintf(text->data + text->length, (size_t)length + 1, format, args);
	va_end(args);
	text->length += (size_t)length;
}

static void append_escape(struct text *text, uint32_t code)
{
	if (code >= 0x10000)
		text_printf(
		        text, "\\u%04x\\u%04x", 0xd800 + ((code - 0x10000) >> 10), 0xdc00 + ((code - 0x10000) & 0x3ff));
	else
		text_printf(text, "\\u%04x", code);
}

static const char *short_escape(uint32_t code)
{
	static const char *const escapes[128] = {
	        ['"'] = "\\\"",
	        ['\\'] = "\\\\",
	        ['\n'] = "\\n",
	        ['\r'] = "\\r",
	        ['\t'] = "\\t",
	        ['\b'] = "\\b",
	        ['\f'] = "\\f",
	};
	return code < 128 ? escapes[code] : NULL;
}

/* Of characters that stand for themselves however it is written. */
static size_t plain_span(const char *at, const char *end)
{
	const char *start = at;
	while (at < end && *at >= 0x20 && *at < 0x7f && *at != '"' && *at != '\\')
		at++;
	return (size_t)(at - start);
}

void text_json_string(struct text *text, const char *string, bool ascii)
{
	text_append(text, "\"");
	const char *at = string;
	const char *end = string + strlen(string);
	while (at < end) {
		size_t plain = plain_span(at, end);
		text_append_bytes(text, at, plain);
		at += plain;
		if (at == end)
			break;
		const char *start = at;
		uint32_t code = utf8_next(&at, end);
		if (short_escape(code))
			text_append(text, short_escape(code));
		else if (code < 0x20 || (ascii && code >= 0x7f) || code == 0xfffd)
			append_escape(text, code);
		else
			text_append_bytes(text, start, (size_t)(at - start));
	}
	text_append(text, "\"");
}

char *text_take(struct text *text)
{
	if (!text->failed && !text->data)
		text_append_bytes(text, "", 0);
	char *data = text->failed ? NULL : text->data;
	if (!data)
		memory_free(text->data);
	*text = TEXT_NULL;
	return data;
}

const char *text_string(const struct text *text)
{
	return text->data ? text->data : "";
}
