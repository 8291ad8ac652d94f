/* One turn of the loop: requests that arrived, run in one transaction, answered after the commit.
 *
 * A turn has an end: after TURN_MS, or two pieces of files, it commits and answers, and what still
 * waits is for the next one, with what arrived meanwhile. Whoever has had least of the loop is
 * served first, request by request, so that nobody waits for what another has piled up. A peer is
 * heard only as far as its next request; what it sends beyond stays in its stream and in the
 * kernel. One that does not read its answers is given no more until it has, and to one that is
 * gone nothing is answered: only what it told counts.
 *
 * A request that has to wait for a job of the studies (STUDIES_LATER) is parked, and the later ones
 * of its peer wait behind it, so that what one peer asks takes effect and is answered in the order
 * it asked; only what speaks for runs that are out, or asks whether anybody is here, overtakes
 * (dispatch_overtakes). The requests of others go on. When a job has come back those who were
 * parked come next, in their order. While another program holds the trial file, whoever wants to
 * change something is put aside, and what needs no transaction is answered. */
#ifndef DAEMON_NETWORK_TURN_H
#define DAEMON_NETWORK_TURN_H

#include "daemon/network/peer.h"
#include "daemon/network/dispatch.h"

#define TURN_MS 4

struct turn {
	struct heap peers;    /* struct peer_turn::place: all, by what they have had, those without a request last */
	int64_t served;       /* what the one that was served last had had by then */
	struct list parked;   /* struct peer_turn::parked, in the order they came to wait */
	struct list aside;    /* struct peer_turn::aside, likewise */
	struct list answered; /* struct turn_request::link: run in this turn, in order */
	struct network_figures figures;
	const struct surroundings *around;
};

/* An empty turn / drops requests that still wait, parked ones too, and forgets all peers. */
void turn_init(struct turn *turn, const struct surroundings *around);
void turn_finish(struct turn *turn);

/* Makes room for one more peer, so that the next turn_enter cannot fail. 0 or -ENOMEM. */
int turn_make_room(struct turn *turn);

/* Takes in a peer that will have requests / forgets one that has none. */
void turn_enter(struct turn *turn, struct peer *peer);
void turn_leave(struct turn *turn, struct peer *peer);

/* Adds a message (taken) that came in so many bytes from `peer`, which lives until its requests are
 * gone, and hears it further or not. 0 or -ENOMEM (message freed). */
int turn_add(struct turn *turn, struct peer *peer, cJSON *message, size_t length);

/* Adds a ready reply (taken) to a line that was no request, so that it leaves behind the answers
 * due before it. Likewise. */
int turn_refuse(struct turn *turn, struct peer *peer, char *reply);

/* Runs what waits, for as long as a turn may take, and sends the answers. 0; STUDIES_BUSY when
 * another program holds the trial file: call turn_retry soon. */
int turn_run(struct turn *turn);

/* A job has come back: what was parked waits again / the file may be free: what was put aside. */
void turn_wake(struct turn *turn);
void turn_retry(struct turn *turn);

/* The peer has read what it was given, or never will. */
void turn_caught_up(struct turn *turn, struct peer *peer);

/* True when something can run; what is parked, aside or unread by its peer is not. */
bool turn_waiting(const struct turn *turn);

#endif
