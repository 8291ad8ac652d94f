/* A door: where streams of one kind come in. */
#ifndef DAEMON_NETWORK_LISTENER_H
#define DAEMON_NETWORK_LISTENER_H

#include "schema/transport/stream.h"

struct listener;

struct listener_options {
	const struct stream_kind *kind;
	const struct address *at; /* borrowed until it listens */
	/* Somebody is at the door, to be let in by listener_accept. After -ENOMEM it is called
	 * again soon, for them; after -EAGAIN by listener_call_again, after -EBUSY by whichever is
	 * first, and until then the kernel keeps who else comes; what else it returns is up to the
	 * owner. */
	int (*arrived)(void *context, struct listener *listener);
	void *context;
};

/* Opens a door; `arrived` is called from the loop. 0, or a negative errno with a sentence. */
int listener_create(
        struct listener **out, uv_loop_t *loop, const struct listener_options *options, struct error *error);

/* The port of a door to the network, also one that the kernel chose. */
uint16_t listener_port(const struct listener *listener);

/* stream_accept for who is at the door. */
int listener_accept(struct stream **out, struct listener *listener, const struct stream_events *events);

/* Who was put off may come in now. Without anybody, or a NULL, nothing. */
void listener_call_again(struct listener *listener);

/* Closes the door and removes its name; the loop frees it in a later turn. NULL is fine. */
void listener_destroy(struct listener *listener);

#endif
