/* The fields of a protobuf message, one after the other (protobuf.dev, "Encoding"). */
#ifndef WORKER_TOKENIZERS_PROTOBUF_H
#define WORKER_TOKENIZERS_PROTOBUF_H

#include <stddef.h>
#include <stdint.h>

/* What is still to be read of a message. */
struct protobuf {
	const char *at, *end;
};

enum protobuf_wire { PROTOBUF_VARINT = 0, PROTOBUF_FIXED64 = 1, PROTOBUF_BYTES = 2, PROTOBUF_FIXED32 = 5 };

struct protobuf_field {
	uint32_t number;
	enum protobuf_wire wire;
	uint64_t value;        /* of a number, as its bits */
	struct protobuf bytes; /* of bytes, texts and messages; in the message that was read */
};

enum protobuf_outcome { PROTOBUF_END = 901 };

/* Reads the next field. 0; PROTOBUF_END behind the last one; -EINVAL for a cut or malformed
 * message. */
int protobuf_next(struct protobuf_field *out, struct protobuf *message);

#endif
