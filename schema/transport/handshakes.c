#include "schema/transport/handshakes.h"

void handshakes_init(struct handshakes *handshakes)
{
	list_init(&handshakes->waiting);
}

void handshakes_wait(struct handshakes *handshakes, struct handshake *handshake)
{
	list_append(&handshakes->waiting, &handshake->link);
}

void handshake_leave(struct handshake *handshake)
{
	list_remove(&handshake->link);
}

bool handshakes_waiting(const struct handshakes *handshakes)
{
	return !list_empty(&handshakes->waiting);
}

void handshakes_step(struct handshakes *handshakes)
{
	if (!handshakes_waiting(handshakes))
		return;
	struct handshake *first = list_entry(handshakes->waiting.head.next, struct handshake, link);
	handshake_leave(first);
	first->step(first);
}
