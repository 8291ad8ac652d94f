/* Handshakes that wait at a daemon's doors. Nothing that a stranger can ask for costs more, so they
 * are done one step at a time, in the order they came, by whoever runs the loop: between two steps
 * everybody else is heard. */
#ifndef SCHEMA_TRANSPORT_HANDSHAKES_H
#define SCHEMA_TRANSPORT_HANDSHAKES_H

#include "schema/base/list.h"

struct handshake {
	struct list_link link; /* handshakes::waiting */
	void (*step)(struct handshake *handshake);
};

struct handshakes {
	struct list waiting;
};

/* None waits. */
void handshakes_init(struct handshakes *handshakes);

/* Puts it at the end; `step` is called when it is its turn, once, and may put it there again. */
void handshakes_wait(struct handshakes *handshakes, struct handshake *handshake);

/* It waits no longer; one that did not is fine. */
void handshake_leave(struct handshake *handshake);

/* True when there is a step to be done. */
bool handshakes_waiting(const struct handshakes *handshakes);

/* Does the first one's step; with none waiting nothing. */
void handshakes_step(struct handshakes *handshakes);

#endif
