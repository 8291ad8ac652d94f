#include "daemon/network/crowd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/log.h"

#define UNKNOWN_MOST 256
#define GREETING_MS 250 /* that one has for a hello, however many come */
#define TOLD_EVERY_MS 60000

/* One without a good hello. */
struct stranger {
	struct peer *peer;
	size_t order; /* in which they came */
};

void crowd_init(struct crowd *crowd, size_t most)
{
	*crowd = (struct crowd){.most = most && most < CROWD_MOST ? most : CROWD_MOST};
	crowd->unknown_most = crowd->most / 2 < UNKNOWN_MOST ? crowd->most / 2 : UNKNOWN_MOST;
}

static bool is_unknown(const struct peer *peer)
{
	return peer->state == PEER_HELLO && !peer->caller.local;
}

/* By address, and of one address who came first. */
static int compare(const void *a, const void *b)
{
	const struct stranger *first = a, *second = b;
	int difference = strcmp(first->peer->caller.from, second->peer->caller.from);
	return difference ? difference : (first->order > second->order) - (first->order < second->order);
}

static size_t find_strangers(struct stranger *out, const struct list *peers)
{
	size_t count = 0;
	struct list_link *at, *following;
	list_each (at, following, peers) {
		struct peer *peer = list_entry(at, struct peer, link);
		if (!is_unknown(peer))
			continue;
		out[count] = (struct stranger){peer, count};
		if (++count > UNKNOWN_MOST)
			break;
	}
	qsort(out, count, sizeof *out, compare);
	return count;
}

/* The first of those of one address, which follow each other. */
struct group {
	const struct stranger *first;
	size_t count;
};

static struct group largest_group(const struct stranger *strangers, size_t count)
{
	struct group largest = {strangers, 0};
	for (size_t i = 0, of_one; i < count; i += of_one) {
		const struct stranger *first = &strangers[i];
		for (of_one = 1; i + of_one < count; of_one++)
			if (strcmp(first[of_one].peer->caller.from, first->peer->caller.from) != 0)
				break;
		if (of_one > largest.count || (of_one == largest.count && first->order < largest.first->order))
			largest = (struct group){first, of_one};
	}
	return largest;
}

/* However fast they come, those of a few addresses push out each other, and nobody else. NULL while
 * fewer than `most` wait. */
static struct peer *find_first_to_go(const struct list *peers, size_t most)
{
	struct stranger strangers[UNKNOWN_MOST + 1] = {{NULL, 0}};
	const size_t count = find_strangers(strangers, peers);
	return count < most ? NULL : largest_group(strangers, count).first->peer;
}

static int refuse_more(struct crowd *crowd, uint64_t now_ms)
{
	if (crowd->told && now_ms - crowd->told_ms < TOLD_EVERY_MS)
		return -EAGAIN;
	log_warning("%zu peers have come over the network, as many as may: who else comes waits until one goes",
	        crowd->count);
	crowd->told = true;
	crowd->told_ms = now_ms;
	return -EAGAIN;
}

int crowd_check_room(struct crowd *crowd, const struct list *peers, uint64_t now_ms)
{
	if (crowd->count >= crowd->most)
		return refuse_more(crowd, now_ms);
	const struct peer *first = find_first_to_go(peers, crowd->unknown_most);
	return first && now_ms - first->came_ms < GREETING_MS ? -EBUSY : 0;
}

void crowd_enter(struct crowd *crowd, const struct list *peers, struct peer *newcomer, uint64_t now_ms)
{
	if (newcomer->caller.local)
		return;
	newcomer->came_ms = now_ms;
	crowd->count++;
	struct peer *leaves = find_first_to_go(peers, crowd->unknown_most + 1);
	if (leaves)
		peer_drain(leaves);
}

bool crowd_leave(struct crowd *crowd, const struct peer *peer)
{
	const bool was_full = !peer->caller.local && crowd->count >= crowd->most;
	crowd->count -= !peer->caller.local;
	return was_full;
}
