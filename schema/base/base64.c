#include "schema/base/base64.h"

#include <errno.h>
#include <stdint.h>

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
		*out++ = length == 2 ? digits[group >> 6 & 63] : '=';
		*out++ = '=';
	}
	*out = '\0';
}

/* 64 for what is none. */
static uint32_t value_of(char digit)
{
	if (digit >= 'A' && digit <= 'Z')
		return (uint32_t)(digit - 'A');
	if (digit >= 'a' && digit <= 'z')
		return (uint32_t)(digit - 'a') + 26;
	if (digit >= '0' && digit <= '9')
		return (uint32_t)(digit - '0') + 52;
	return digit == '+' ? 62 : digit == '/' ? 63 : 64;
}

/* A group of `count` digits that say something, from two to four. */
static int read_group(unsigned char **out, const char *text, size_t count)
{
	uint32_t group = 0;
	for (size_t i = 0; i < 4; i++) {
		uint32_t value = i < count ? value_of(text[i]) : 0;
		if (value == 64)
			return -EINVAL;
		group = group << 6 | value;
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
