/* Who was turned away at the door: told in the log, but not as often as they knock. */
#ifndef DAEMON_ACCESS_KNOCKS_H
#define DAEMON_ACCESS_KNOCKS_H

#include <stddef.h>
#include <stdint.h>

#include "schema/base/clock.h"

#define KNOCKS_EVERY_MS 60000
#define KNOCKS_MAX 64          /* addresses that are told apart; of more, the one that was longest ago is forgotten */
#define KNOCK_ADDRESS_BYTES 64 /* the NUL included */

struct knock {
	char from[KNOCK_ADDRESS_BYTES];
	struct monotime told;
	int64_t silent_count; /* since it was told */
};

struct knocks {
	struct knock items[KNOCKS_MAX]; /* (count) */
	size_t count;
};

/* Somebody of that address was turned away. How many others went untold before, when it is to be
 * told now: once a minute and address; −1 when it is not. */
int64_t knocks_note(struct knocks *knocks, const char *from, struct monotime now);

#endif
