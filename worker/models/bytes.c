#include "worker/models/bytes.h"

#include <string.h>

static void put(struct text *out, uint64_t value, size_t count)
{
	char buffer[8];
	for (size_t i = 0; i < count; i++)
		buffer[i] = (char)(value >> 8 * i & 0xff);
	text_append_bytes(out, buffer, count);
}

static uint64_t get(struct bytes *bytes, size_t count)
{
	uint64_t value = 0;
	if ((size_t)(bytes->end - bytes->at) < count) {
		bytes->short_of = true;
		return 0;
	}
	for (size_t i = 0; i < count; i++)
		value |= (uint64_t)(unsigned char)bytes->at[i] << 8 * i;
	bytes->at += count;
	return value;
}

void bytes_put_u64(struct text *out, uint64_t value)
{
	put(out, value, 8);
}

void bytes_put_float(struct text *out, float value)
{
	uint32_t bits;
	memcpy(&bits, &value, sizeof bits);
	put(out, bits, 4);
}

uint64_t bytes_get_u64(struct bytes *bytes)
{
	return get(bytes, 8);
}

float bytes_get_float(struct bytes *bytes)
{
	uint32_t bits = (uint32_t)get(bytes, 4);
	float value;
	memcpy(&value, &bits, sizeof value);
	return value;
}
