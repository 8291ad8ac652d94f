/* Doors on a real socket over a study table on a fake clock, and peers who speak from the other
 * side in the same thread: the loop runs while they wait. */
#ifndef TESTS_DAEMON_NETWORK_HOUSE_H
#define TESTS_DAEMON_NETWORK_HOUSE_H

#include "daemon/network/network.h"
#include "tests/daemon/network/fixture.h"

#define HELLO "{\"id\":0,\"method\":\"hello\",\"params\":{\"protocol\":1,\"role\":\"admin\",\"name\":\"w\"}}\n"

struct house {
	struct fixture fixture;
	uv_loop_t loop;
	struct daemon_network *network;
	size_t turn_count;
	size_t heard_after; /* how many turns there were when all was heard; 0 = not yet */
	bool closed;
};

/* Opens the doors / closes them, after which the loop must run dry by itself. For cmocka; *state is
 * the house. */
int house_setup(void **state);
int house_teardown(void **state);

/* A connection to a socket, before its hello. */
int dial(const char *path);

/* Lets the loop do what there is to do. */
void pump(struct house *house);

/* Finds the active timers that are due within a second before `due_ms`, and has them fire now; how
 * many. */
int fire_timers(struct house *house, uint64_t due_ms);

/* Sends bytes, running the loop where the socket is full. */
void put(struct house *house, int fd, const char *bytes);

/* The next line without its newline, in static room; NULL at the end of the stream. */
const char *get(struct house *house, int fd);

/* The next line must contain this. */
void must_get(struct house *house, int fd, const char *expected);

/* A connection after its hello, as an admin called w; and with a random search called s created. */
int enter(struct house *house);
int enter_with_study(struct house *house);

#endif
