#include "daemon/network/crowd.h"

#include <stdlib.h>
#include <string.h>

#include "schema/base/log.h"

#define UNKNOWN_MOST 256
#define UNKNOWN_THERE_MOST 32 /* of one address */
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

bool crowd_has_room(struct crowd *crowd, uint64_t now_ms)
{
	if (crowd->count < crowd->most)
		return true;
	if (!crowd->told || now_ms - crowd->told_ms >= TOLD_EVERY_MS)
		log_warning("%zu peers have come over the network, as many as may: who else comes waits until one "
		            "goes",
		        crowd->count);
	else
		return false;
	crowd->told = true;
	crowd->told_ms = now_ms;
	return false;
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

/* However fast they come, those of a few addresses push out each other, and nobody else. */
static void make_way(const struct crowd *crowd, const struct list *peers)
{
	struct stranger strangers[UNKNOWN_MOST + 1];
	const size_t count = find_strangers(strangers, peers);
	const struct group largest = largest_group(strangers, count);
	if (largest.count > UNKNOWN_THERE_MOST || count > crowd->unknown_most)
		peer_drain(largest.first->peer);
}

void crowd_enter(struct crowd *crowd, const struct list *peers, const struct peer *newcomer)
{
	if (newcomer->caller.local)
		return;
	crowd->count++;
	make_way(crowd, peers);
}

bool crowd_leave(struct crowd *crowd, const struct peer *peer)
{
	const bool was_full = !peer->caller.local && crowd->count >= crowd->most;
	crowd->count -= !peer->caller.local;
	return was_full;
}
