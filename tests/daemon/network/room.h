/* Somebody who says lines and hears replies, without any socket. */
#ifndef TESTS_DAEMON_NETWORK_ROOM_H
#define TESTS_DAEMON_NETWORK_ROOM_H

#include "daemon/network/dispatch.h"
#include "tests/daemon/network/fixture.h"

struct room {
	struct fixture fixture;
	struct caller caller; /* this machine's user, who may take any role */
	bool greeted;
	char *reply; /* the last one */
};

/* For cmocka: a room whose caller has not said hello; and the end of it. */
int room_setup(void **state);
int room_teardown(void **state);

/* The caller goes and comes again, as this machine's user / over the network. */
void room_leave(struct room *room);
void room_come_from(struct room *room, const char *address);

/* Says a line, which is one turn; the reply without its newline, "" when out of memory. */
const char *say(struct room *room, const char *line);

/* The reply has to contain that. */
void must_say(struct room *room, const char *line, const char *expected);

/* A hello in that role; and one as admin, and a study. */
void enter(struct room *room, const char *role);
void enter_with_study(struct room *room);

#endif
