/* The daemon's door to the network: where it is, and the keys that it shows there. */
#ifndef DAEMON_NETWORK_DOOR_H
#define DAEMON_NETWORK_DOOR_H

#include "daemon/network/listener.h"
#include "daemon/network/request.h"
#include "schema/transport/tls_keys.h"

struct door {
	struct tls_keys keys;
	SSL_CTX *server;              /* owned */
	struct handshakes handshakes; /* of who has knocked; one step a turn */
	struct stream_kind kind;      /* with that */
	struct listener *listener;    /* NULL = closed */
	struct address at;
};

/* A door that is closed, with the keys of that folder. 0, or a negative errno with a sentence;
 * finish it in any case. */
int door_init(struct door *door, const char *keys_folder, struct error *error);
void door_finish(struct door *door);

/* Opens it, in place of where it was; the first time with a new key. `options` are those of its
 * listener but for kind and address; where->port becomes the one it got. 0; -EINVAL for an address
 * that is none of a machine; -EADDRINUSE …, with a sentence: then it stays open where it was,
 * unless the sentence says that it is closed. */
int door_open(struct door *door, struct network_door *where, uv_loop_t *loop, const struct listener_options *options,
        struct error *error);

/* Closes it; who is inside stays. */
void door_close(struct door *door);

#endif
