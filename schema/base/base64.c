#include "schema/base/base64.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_write(char *out, const void *bytes, size_t length)
{
	const unsigned char *at = bytes;
	for (; length >= 3; length -= 3, at += 3) {
		uint32_t group = (uint32_t)at[0] << 16 | (uint32_t)at[1] << 8 | at[2];
		for (int shift = 18; shift >= 0; shift -= 6)
			*out++ = digits[group >> shift & 63];
	}
	if (length) {
		uint32_t group = (uint32_t)at[0] << 16 | (length == 2 ? (uint32_t)at[1] << 8 : 0);
		*out++ = digits[group >> 18];
		*out++ = digits[group >> 12 & 63];
		memcpy(out, "==", 2);
		if (length == 2)
			*out = digits[group >> 6 & 63];
		out += 2;
	}
	*out = '\0';
}

/* The value of a digit and one more; 0 for what is none. */
static const unsigned char values[256] = {
        ['A'] = 1,
        ['B'] = 2,
        ['C'] = 3,
        ['D'] = 4,
        ['E'] = 5,
        ['F'] = 6,
        ['G'] = 7,
        ['H'] = 8,
        ['I'] = 9,
        ['J'] = 10,
        ['K'] = 11,
        ['L'] = 12,
        ['M'] = 13,
        ['N'] = 14,
        ['O'] = 15,
        ['P'] = 16,
        ['Q'] = 17,
        ['R'] = 18,
        ['S'] = 19,
        ['T'] = 20,
        ['U'] = 21,
        ['V'] = 22,
        ['W'] = 23,
        ['X'] = 24,
        ['Y'] = 25,
        ['Z'] = 26,
        ['a'] = 27,
        ['b'] = 28,
        ['c'] = 29,
        ['d'] = 30,
        ['e'] = 31,
        ['f'] = 32,
        ['g'] = 33,
        ['h'] = 34,
        ['i'] = 35,
        ['j'] = 36,
        ['k'] = 37,
        ['l'] = 38,
        ['m'] = 39,
        ['n'] = 40,
        ['o'] = 41,
        ['p'] = 42,
        ['q'] = 43,
        ['r'] = 44,
        ['s'] = 45,
        ['t'] = 46,
        ['u'] = 47,
        ['v'] = 48,
        ['w'] = 49,
        ['x'] = 50,
        ['y'] = 51,
        ['z'] = 52,
        ['0'] = 53,
        ['1'] = 54,
        ['2'] = 55,
        ['3'] = 56,
        ['4'] = 57,
        ['5'] = 58,
        ['6'] = 59,
        ['7'] = 60,
        ['8'] = 61,
        ['9'] = 62,
        ['+'] = 63,
        ['/'] = 64,
};

/* A group of `count` digits that say something, from two to four. */
static int read_group(unsigned char **out, const char *text, size_t count)
{
	uint32_t group = 0;
	for (size_t i = 0; i < 4; i++) {
		const uint32_t value = i < count ? values[(unsigned char)text[i]] : 1;
		if (value == 0)
			return -EINVAL;
		group = group << 6 | (value - 1);
	}
	if (count < 4 && group & (count == 2 ? 0xffff : 0xff)) /* bits that no byte has */
		return -EINVAL;
	for (size_t i = 0; i + 1 < count; i++)
		*(*out)++ = (unsigned char)(group >> (16 - 8 * i));
	return 0;
}

int base64_read(void *out, size_t *out_length, const char *text, size_t length)
{
	unsigned char *at = out;
	if (length % 4)
		return -EINVAL;
	for (size_t i = 0; i < length; i += 4) {
		size_t count = 4;
		if (i + 4 == length && text[i + 3] == '=')
			count = text[i + 2] == '=' ? 2 : 3;
		if (read_group(&at, text + i, count) < 0)
			return -EINVAL;
	}
	*out_length = (size_t)(at - (unsigned char *)out);
	return 0;
}
