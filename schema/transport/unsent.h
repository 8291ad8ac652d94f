/* What a stream has taken and the kernel has not: a queue with two bounds, and whether the owner
 * waits for it to be below them again. */
#ifndef SCHEMA_TRANSPORT_UNSENT_H
#define SCHEMA_TRANSPORT_UNSENT_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#define STREAM_UNSENT_LIMIT_BYTES (4u << 20)
#define STREAM_BEHIND_BYTES (1u << 20)

struct unsent {
	uv_stream_t *handle; /* borrowed */
	/* Some of it has left, or never will; its stream may be closed. */
	void (*left)(struct unsent *unsent);
	bool full, behind; /* over the limit / too much to be given more, when last looked at */
};

/* Takes the bytes, from memory_alloc, when it succeeds. 0, or a negative errno with nothing
 * queued. */
int unsent_queue(struct unsent *unsent, char *bytes, size_t length);

/* How many there are. */
size_t unsent_bytes(const struct unsent *unsent);

/* True when it is full / behind, which is kept until unsent_has_room finds less than half of
 * that. */
bool unsent_is_full(struct unsent *unsent);
bool unsent_is_behind(struct unsent *unsent);

/* True when it was full or behind and is so no more. */
bool unsent_has_room(struct unsent *unsent);

#endif
