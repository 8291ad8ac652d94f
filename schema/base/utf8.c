#include "schema/base/utf8.h"

#include <assert.h>
#include <string.h>

#define REPLACEMENT 0xfffdu

static uint32_t reject(const char **at)
{
	(*at)++;
	return REPLACEMENT;
}

uint32_t utf8_next(const char **at, const char *end)
{
	static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
	assert(*at < end);
	const unsigned char *bytes = (const unsigned char *)*at;
	unsigned char lead = bytes[0];
	if (lead < 0x80) {
		(*at)++;
		return lead;
	}
	int count = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 0;
	if (count == 0 || lead > 0xf4 || end - *at < count)
		return reject(at);
	uint32_t code = lead & (0x7fu >> count);
	for (int i = 1; i < count; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return reject(at);
		code = code << 6 | (bytes[i] & 0x3fu);
	}
	if (code < least[count] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return reject(at);
	*at += count;
	return code;
}

size_t utf8_mark_length(const char *bytes, size_t length)
{
	return length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

bool utf8_is_utf16(const char *bytes, size_t length)
{
	if (length >= 2 && (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0))
		return true;
	return length >= 4 && !bytes[0] == !bytes[2] && !bytes[1] == !bytes[3] && !bytes[0] != !bytes[1];
}

size_t utf8_encode(uint32_t code, char out[4])
{
	assert(code <= 0x10ffff);
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	size_t count = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	for (size_t i = count; i-- > 1; code >>= 6)
		out[i] = (char)(0x80 | (code & 0x3f));
	out[0] = (char)((0xf00 >> count) | code);
	return count;
}

/* Where the first eight bytes that are not all ASCII begin, or fewer than eight are left. */
static const char *skip_ascii(const char *at, const char *end)
{
	uint64_t eight;
	for (; end - at >= (ptrdiff_t)sizeof eight; at += sizeof eight) {
		memcpy(&eight, at, sizeof eight);
		if (eight & UINT64_C(0x8080808080808080))
			break;
	}
	return at;
}

bool utf8_valid(const char *bytes, size_t length)
{
	const char *end = bytes + length, *at = skip_ascii(bytes, end);
	while (at < end) {
		const char *start = at;
		if (utf8_next(&at, end) == REPLACEMENT && at - start == 1)
			return false;
		if (at - start > 1)
			at = skip_ascii(at, end);
	}
	return true;
}

size_t utf8_cut(const char *string, size_t most)
{
	size_t length = strnlen(string, most + 1);
	if (length <= most)
		return length;
	for (length = most; length > 0 && ((unsigned char)string[length] & 0xc0) == 0x80;)
		length--;
	return length;
}

size_t utf8_count(const char *string)
{
	size_t count = 0;
	const char *end = string + strlen(string);
	while (string < end) {
		utf8_next(&string, end);
		count++;
	}
	return count;
}

struct byte_range {
	uint32_t first, last;
};

static bool in_ranges(uint32_t code, const struct byte_range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	return false;
}

/* Unicode 15 EastAsianWidth W and F, in the blocks that names and sentences use. */
static const struct byte_range wide[] = {
        {0x1100, 0x115f},
        {0x2e80, 0x303e},
        {0x3041, 0x33ff},
        {0x3400, 0x4dbf},
        {0x4e00, 0x9fff},
        {0xa960, 0xa97c},
        {0xac00, 0xd7a3},
        {0xf900, 0xfaff},
        {0xfe30, 0xfe6f},
        {0xff00, 0xff60},
        {0xffe0, 0xffe6},
        {0x1f300, 0x1f64f},
        {0x1f680, 0x1f6ff},
        {0x1f900, 0x1f9ff},
        {0x20000, 0x3fffd},
};
static const struct byte_range combining[] = {
        {0x300, 0x36f}, {0x1160, 0x11ff}, {0x200b, 0x200f}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}};

size_t utf8_plain_span(const char *string)
{
	const char *at = string;
	while (*at >= 0x20 && *at < 0x7f)
		at++;
	return (size_t)(at - string);
}

size_t utf8_columns(const char *string)
{
	size_t columns = utf8_plain_span(string);
	string += columns;
	const char *end = string + strlen(string);
	while (string < end) {
		uint32_t code = utf8_next(&string, end);
		if (in_ranges(code, combining, sizeof combining / sizeof *combining))
			continue;
		columns += in_ranges(code, wide, sizeof wide / sizeof *wide) ? 2 : 1;
	}
	return columns;
}
