#include "worker/tokenizers/protobuf.h"

#include <errno.h>

static int read_varint(uint64_t *out, struct protobuf *message)
{
	uint64_t value = 0;
	for (unsigned int shift = 0; shift < 64; shift += 7) {
		if (message->at == message->end)
			return -EINVAL;
		const unsigned char byte = (unsigned char)*message->at++;
		value |= (uint64_t)(byte & 0x7F) << shift;
		if (!(byte & 0x80)) {
			*out = value;
			return 0;
		}
	}
	return -EINVAL;
}

static int read_fixed(uint64_t *out, struct protobuf *message, size_t size)
{
	if ((size_t)(message->end - message->at) < size)
		return -EINVAL;
	*out = 0;
	for (size_t i = 0; i < size; i++)
		*out |= (uint64_t)(unsigned char)message->at[i] << 8 * i;
	message->at += size;
	return 0;
}

static int read_bytes(struct protobuf *out, struct protobuf *message)
{
	uint64_t length;
	if (read_varint(&length, message) < 0 || length > (uint64_t)(message->end - message->at))
		return -EINVAL;
	*out = (struct protobuf){message->at, message->at + length};
	message->at += length;
	return 0;
}

int protobuf_next(struct protobuf_field *out, struct protobuf *message)
{
	struct protobuf_field field = {0};
	uint64_t tag;
	if (message->at == message->end)
		return PROTOBUF_END;
	if (read_varint(&tag, message) < 0 || tag >> 3 == 0 || tag >> 3 > UINT32_MAX)
		return -EINVAL;
	field.number = (uint32_t)(tag >> 3);
	field.wire = (enum protobuf_wire)(tag & 7);
	int rc = -EINVAL;
	if (field.wire == PROTOBUF_VARINT)
		rc = read_varint(&field.value, message);
	else if (field.wire == PROTOBUF_BYTES)
		rc = read_bytes(&field.bytes, message);
	else if (field.wire == PROTOBUF_FIXED32 || field.wire == PROTOBUF_FIXED64)
		rc = read_fixed(&field.value, message, field.wire == PROTOBUF_FIXED32 ? 4 : 8);
	if (rc == 0)
		*out = field;
	return rc;
}
