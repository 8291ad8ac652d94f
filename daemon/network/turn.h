/* One turn of the loop: the requests that arrived in it, run in one transaction, answered after the
 * commit.
 *
 * A request that has to wait for a job of the studies (STUDIES_LATER) is parked, with the later
 * ones of its peer behind it, so that what one peer asks takes effect and is answered in the order
 * it asked; only what speaks for runs that are out overtakes (dispatch_overtakes). The requests of
 * others go on. When a job has come back all parked requests are in the next turn, before what is
 * new. */
#ifndef DAEMON_NETWORK_TURN_H
#define DAEMON_NETWORK_TURN_H

#include "daemon/network/peer.h"
#include "daemon/network/dispatch.h"

struct turn {
	struct list requests; /* waiting in the order they came */
	struct list parked;   /* likewise, for a job */
	const struct surroundings *around;
};

/* An empty turn / drops requests that still wait, parked ones too. */
void turn_init(struct turn *turn, const struct surroundings *around);
void turn_finish(struct turn *turn);

/* Adds a message (taken) of `peer`, which lives until its requests are gone. 0 or -ENOMEM (message
 * freed). */
int turn_add(struct turn *turn, struct peer *peer, cJSON *message);

/* Adds a ready reply (taken) to a line that was no request, so that it leaves behind the answers
 * due before it. Likewise. */
int turn_refuse(struct turn *turn, struct peer *peer, char *reply);

/* Runs all that waits and sends the answers. 0; STUDIES_BUSY when another program holds the trial
 * file: nothing was done, call again soon. */
int turn_run(struct turn *turn);

/* A job has come back: what was parked waits again. */
void turn_wake(struct turn *turn);

/* True when something waits, parked requests left aside. */
bool turn_waiting(const struct turn *turn);

#endif
