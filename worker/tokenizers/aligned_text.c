#include "worker/tokenizers/aligned_text.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"
#include "schema/base/utf8.h"

void aligned_text_finish(struct aligned_text *text)
{
	memory_free(text->bytes);
	memory_free(text->origins);
	*text = ALIGNED_TEXT_NULL;
}

static int reserve(struct aligned_text *text, size_t more)
{
	if (more <= text->capacity - text->length)
		return 0;
	struct array_growth growth = array_growth_begin(text->capacity, text->length + more);
	array_resize(text->bytes, &growth, 1);
	array_resize(text->origins, &growth, 1);
	return array_growth_end(&text->capacity, &growth);
}

static int append(struct aligned_text *text, const char *bytes, size_t length, struct text_origin origin)
{
	if (reserve(text, length) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < length; i++) {
		text->bytes[text->length] = bytes[i];
		text->origins[text->length++] = origin;
	}
	return 0;
}

int aligned_text_append(struct aligned_text *text, uint32_t code, struct text_origin origin)
{
	char bytes[4];
	return append(text, bytes, utf8_encode(code, bytes), origin);
}

int aligned_text_append_bytes(struct aligned_text *text, const char *bytes, struct text_origin origin)
{
	return append(text, bytes, strlen(bytes), origin);
}

int aligned_text_append_span(struct aligned_text *text, const struct aligned_span *span)
{
	if (reserve(text, span->length) < 0)
		return -ENOMEM;
	if (span->length) {
		memcpy(text->bytes + text->length, span->bytes, span->length);
		memcpy(text->origins + text->length, span->origins, span->length * sizeof *span->origins);
	}
	text->length += span->length;
	return 0;
}

int aligned_text_append_given(struct aligned_text *text, const char *given, struct text_origin part)
{
	const char *at = given + part.begin, *end = given + part.end;
	if (reserve(text, (size_t)(end - at)) < 0)
		return -ENOMEM;
	while (at < end) {
		const char *from = at;
		const uint32_t code = utf8_next(&at, end);
		const struct text_origin origin = {(uint32_t)(from - given), (uint32_t)(at - given)};
		if (aligned_text_append(text, code, origin) < 0)
			return -ENOMEM;
	}
	return 0;
}

struct aligned_span aligned_text_span(const struct aligned_text *text, size_t begin, size_t end)
{
	assert(begin <= end && end <= text->length);
	if (!text->bytes)
		return (struct aligned_span){"", NULL, 0};
	return (struct aligned_span){text->bytes + begin, text->origins + begin, end - begin};
}

struct text_origin aligned_span_origin(const struct aligned_span *span)
{
	assert(span->length > 0);
	return (struct text_origin){span->origins[0].begin, span->origins[span->length - 1].end};
}
