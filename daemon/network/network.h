/* The daemon's doors and everyone inside: listener, connections, and the turn that answers them.
 * One per program. */
#ifndef DAEMON_NETWORK_NETWORK_H
#define DAEMON_NETWORK_NETWORK_H

#include <uv.h>

#include "daemon/network/request.h"
#include "schema/base/list.h"

struct daemon_network;

struct daemon_network_options {
	const char *socket_path; /* the Unix socket, created with mode 0600 */
	const char *keys_folder; /* of the keys that others know it by; NULL = no door to the network */
	size_t peers_most;       /* over the network; 0 = CROWD_MOST, and never more */
	struct surroundings around;
	void (*after_turn)(void *context); /* deadlines may have moved */
	void (*heard)(void *context);      /* network_call_when_heard */
	void *context;
};

/* Listens; connections are served from `loop` from now on. 0, -ENOMEM, -EADDRINUSE (a daemon
 * answers there already), or what the socket call said, with a sentence. */
int network_create(struct daemon_network **out, uv_loop_t *loop, const struct daemon_network_options *options,
        struct error *error);

/* Opens the door to the network where the trial file says that it was open. 0, or a negative errno
 * with a sentence when it cannot. */
int network_open_again(struct daemon_network *network, struct error *error);

/* Stops listening, flushes and closes every connection, removes the socket; `done` is called from
 * the loop when all is closed and the network is freed. */
void network_destroy(struct daemon_network *network, void (*done)(void *context), void *context);

/* A job of the studies was taken back: requests that waited for one are run again in this turn of
 * the loop. */
void network_resume(struct daemon_network *network);

/* Has `heard` called, from the loop and once, when all that lies in the sockets was heard and done:
 * a daemon that was stalled must not take for silence what it has not read. Who sends all the time
 * puts that off by no more than a second. */
void network_call_when_heard(struct daemon_network *network);

/* Tells the watchers. For study_table's on_event. */
void network_broadcast(struct daemon_network *network, const struct study_event *event);

#endif
