#include "worker/tokenizers/charsmap.h"

#include <errno.h>
#include <string.h>
#include <utf8proc.h>

#include "schema/base/memory.h"
#include "schema/base/utf8.h"

void charsmap_finish(struct charsmap *map)
{
	memory_free(map->units);
	memory_free(map->replacements);
	*map = CHARSMAP_NULL;
}

static uint32_t read_number(const char *bytes)
{
	const unsigned char *b = (const unsigned char *)bytes;
	return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

int charsmap_read(struct charsmap *out, const char *bytes, size_t length)
{
	const size_t trie_bytes = length >= 4 ? read_number(bytes) : 0;
	if (trie_bytes == 0 || trie_bytes % 4 != 0 || trie_bytes >= length - 4 || bytes[length - 1] != '\0' ||
	        !utf8_valid(bytes + 4 + trie_bytes, length - 4 - trie_bytes))
		return -EINVAL;
	struct charsmap map = {.unit_count = trie_bytes / 4, .length = length - 4 - trie_bytes};
	map.units = memory_alloc(map.unit_count, sizeof *map.units);
	map.replacements = memory_alloc(map.length, 1);
	if (!map.units || !map.replacements) {
		charsmap_finish(&map);
		return -ENOMEM;
	}
	for (size_t i = 0; i < map.unit_count; i++)
		map.units[i] = read_number(bytes + 4 + 4 * i);
	memcpy(map.replacements, bytes + 4 + trie_bytes, map.length);
	*out = map;
	return 0;
}

/* The parts of a unit; see darts-clone, DoubleArrayUnit. */
static uint32_t unit_offset(uint32_t unit)
{
	return (unit >> 10) << ((unit & (UINT32_C(1) << 9)) >> 6);
}

static bool unit_is(uint32_t unit, unsigned char byte)
{
	return (unit & (UINT32_C(1) << 31 | 0xFF)) == byte;
}

static bool unit_has_value(uint32_t unit)
{
	return unit >> 8 & 1;
}

struct replacement {
	const char *text; /* NULL = none begins there */
	size_t length;    /* of what it replaces */
};

/* A step never leaves the units, and there are no more steps than bytes, whatever the units say. */
static struct replacement find(const struct charsmap *map, const char *bytes, size_t length, bool longest)
{
	struct replacement found = {NULL, 0};
	size_t node = unit_offset(map->units[0]);
	for (size_t i = 0; i < length; i++) {
		node ^= (unsigned char)bytes[i];
		if (node >= map->unit_count || !unit_is(map->units[node], (unsigned char)bytes[i]))
			break;
		const uint32_t unit = map->units[node];
		node ^= unit_offset(unit);
		if (!unit_has_value(unit) || node >= map->unit_count)
			continue;
		const size_t value = map->units[node] & ~(UINT32_C(1) << 31);
		if (value >= map->length)
			continue;
		found = (struct replacement){map->replacements + value, i + 1};
		if (!longest)
			break;
	}
	return found;
}

/* The span up to its next code point's end. */
static size_t first_length(const struct aligned_span *span)
{
	const char *at = span->bytes;
	utf8_next(&at, span->bytes + span->length);
	return (size_t)(at - span->bytes);
}

static struct aligned_span span_start(const struct aligned_span *span, size_t length)
{
	return (struct aligned_span){span->bytes, span->origins, length};
}

static void span_skip(struct aligned_span *span, size_t length)
{
	span->bytes += length;
	span->origins += length;
	span->length -= length;
}

static int apply_longest(struct aligned_text *out, const struct charsmap *map, struct aligned_span rest)
{
	int rc = 0;
	while (rc == 0 && rest.length > 0) {
		const struct replacement found = find(map, rest.bytes, rest.length, true);
		const struct aligned_span part = span_start(&rest, found.text ? found.length : first_length(&rest));
		rc = found.text ? aligned_text_append_bytes(out, found.text, aligned_span_origin(&part))
		                : aligned_text_append_span(out, &part);
		span_skip(&rest, part.length);
	}
	return rc;
}

/* Appends the replacement of the whole part if one begins there. 1 when it did, 0 or -ENOMEM. */
static int replace(struct aligned_text *out, const struct charsmap *map, const struct aligned_span *part)
{
	const struct replacement found = find(map, part->bytes, part->length, false);
	if (!found.text)
		return 0;
	return aligned_text_append_bytes(out, found.text, aligned_span_origin(part)) < 0 ? -ENOMEM : 1;
}

static int apply_to_grapheme(struct aligned_text *out, const struct charsmap *map, struct aligned_span grapheme)
{
	int rc = grapheme.length < 6 ? replace(out, map, &grapheme) : 0;
	if (rc != 0)
		return rc < 0 ? rc : 0;
	while (rc >= 0 && grapheme.length > 0) {
		const struct aligned_span part = span_start(&grapheme, first_length(&grapheme));
		rc = replace(out, map, &part);
		if (rc == 0)
			rc = aligned_text_append_span(out, &part);
		span_skip(&grapheme, part.length);
	}
	return rc < 0 ? rc : 0;
}

static size_t grapheme_length(const struct aligned_span *span)
{
	const char *at = span->bytes, *const end = span->bytes + span->length;
	utf8proc_int32_t state = 0, before = (utf8proc_int32_t)utf8_next(&at, end);
	while (at < end) {
		const char *const here = at;
		const utf8proc_int32_t code = (utf8proc_int32_t)utf8_next(&at, end);
		if (utf8proc_grapheme_break_stateful(before, code, &state))
			return (size_t)(here - span->bytes);
		before = code;
	}
	return span->length;
}

int charsmap_apply(struct aligned_text *out, const struct charsmap *map, const struct aligned_span *span)
{
	struct aligned_span rest = *span;
	int rc = 0;
	if (!map->by_grapheme)
		return apply_longest(out, map, rest);
	while (rc == 0 && rest.length > 0) {
		const struct aligned_span grapheme = span_start(&rest, grapheme_length(&rest));
		rc = apply_to_grapheme(out, map, grapheme);
		span_skip(&rest, grapheme.length);
	}
	return rc;
}
