/* How many may come over the network, and who makes way for whom. Peers of this machine count for
 * nothing: whatever goes on at the door, its owner gets in. */
#ifndef DAEMON_NETWORK_CROWD_H
#define DAEMON_NETWORK_CROWD_H

#include "daemon/network/peer.h"

#define CROWD_MOST 4096

struct crowd {
	size_t most, unknown_most; /* inside; of them without a good hello */
	size_t count;
	bool told; /* that it is full … */
	uint64_t told_ms;
};

/* Nobody is there. `most`: 0 or over CROWD_MOST = that. */
void crowd_init(struct crowd *crowd, size_t most);

/* 0; -EAGAIN when as many are inside as may be, until one goes, which the log hears once a minute;
 * -EBUSY when so many have yet to say who they are that one would have to make way who has hardly
 * had the time to. */
int crowd_check_room(struct crowd *crowd, const struct list *peers, uint64_t now_ms);

/* One has come, the last of all peers (peer::link). Where too many have not said who they are, one
 * of the address that has most of them goes: the one that has waited longest. */
void crowd_enter(struct crowd *crowd, const struct list *peers, struct peer *newcomer, uint64_t now_ms);

/* One is no more. True when it was full until now. */
bool crowd_leave(struct crowd *crowd, const struct peer *peer);

#endif
