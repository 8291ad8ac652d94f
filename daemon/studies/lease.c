#include "daemon/studies/lease.h"

#include <assert.h>

void leases_finish(struct leases *leases)
{
	heap_finish(&leases->by_deadline);
}

int lease_start(struct leases *leases, struct heap_node *lease, struct monotime deadline)
{
	assert(lease->index == 0);
	lease->key = deadline.ms;
	return heap_insert(&leases->by_deadline, lease);
}

void lease_renew(struct leases *leases, struct heap_node *lease, struct monotime now)
{
	heap_move(&leases->by_deadline, lease, now.ms + leases->life_ms);
}

void lease_end(struct leases *leases, struct heap_node *lease)
{
	heap_remove(&leases->by_deadline, lease);
}

struct heap_node *lease_due(const struct leases *leases, struct monotime now)
{
	struct heap_node *first = heap_first(&leases->by_deadline);
	return first && first->key <= now.ms ? first : NULL;
}

struct monotime leases_deadline(const struct leases *leases)
{
	const struct heap_node *first = heap_first(&leases->by_deadline);
	return (struct monotime){first ? first->key : INT64_MAX};
}
