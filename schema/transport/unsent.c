#include "schema/transport/unsent.h"

#include <errno.h>

#include "schema/base/memory.h"

struct unsent_piece {
	uv_write_t request;
	struct unsent *queue;
	char *bytes; /* owned */
};

size_t unsent_bytes(const struct unsent *unsent)
{
	return uv_stream_get_write_queue_size(unsent->handle);
}

/* One that fails says nothing that reading does not: what the other side said before it went is
 * still to be read. */
static void after_write(uv_write_t *request, int status)
{
	struct unsent_piece *piece = request->data;
	struct unsent *queue = piece->queue;
	(void)status;
	memory_free(piece->bytes);
	memory_free(piece);
	queue->left(queue);
}

int unsent_queue(struct unsent *unsent, char *bytes, size_t length)
{
	struct unsent_piece *piece = memory_alloc(1, sizeof *piece);
	if (!piece)
		return -ENOMEM;
	piece->queue = unsent;
	piece->bytes = bytes;
	piece->request.data = piece;
	uv_buf_t buffer = uv_buf_init(bytes, (unsigned)length);
	int rc = uv_write(&piece->request, unsent->handle, &buffer, 1, after_write);
	if (rc < 0)
		memory_free(piece);
	return rc;
}

bool unsent_is_full(struct unsent *unsent)
{
	unsent->full = unsent_bytes(unsent) > STREAM_UNSENT_LIMIT_BYTES;
	return unsent->full;
}

bool unsent_is_behind(struct unsent *unsent)
{
	unsent->behind = unsent_bytes(unsent) > STREAM_BEHIND_BYTES;
	return unsent->behind;
}

bool unsent_has_room(struct unsent *unsent)
{
	const size_t bytes = unsent_bytes(unsent);
	const bool no_longer_full = unsent->full && bytes <= STREAM_UNSENT_LIMIT_BYTES / 2;
	const bool no_longer_behind = unsent->behind && bytes <= STREAM_BEHIND_BYTES / 2;
	unsent->full = unsent->full && !no_longer_full;
	unsent->behind = unsent->behind && !no_longer_behind;
	return no_longer_full || no_longer_behind;
}
