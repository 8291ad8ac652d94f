/* Leases: who may still speak for a run, ordered by the moment they end. A lease lives in its run;
 * its fencing number is the run record's, so an old holder is known by its number. */
#ifndef DAEMON_STUDIES_LEASE_H
#define DAEMON_STUDIES_LEASE_H

#include <stdbool.h>

#include "schema/base/clock.h"
#include "schema/base/heap.h"

struct leases {
	struct heap by_deadline; /* of struct heap_node in struct run::lease; key = deadline in monotonic ms */
	int64_t life_ms;         /* how long a lease lives without renewal */
};

/* Frees the heap, not the runs; a zeroed one is fine. */
void leases_finish(struct leases *leases);

/* Starts a lease that ends at `deadline`. 0 or -ENOMEM. */
int lease_start(struct leases *leases, struct heap_node *lease, struct monotime deadline);

/* A full life from `now` on, for a lease that is alive. */
void lease_renew(struct leases *leases, struct heap_node *lease, struct monotime now);

/* Ends a lease; one that has ended is fine. */
void lease_end(struct leases *leases, struct heap_node *lease);

/* The lease that ended first, at or before `now`, or NULL; it stays until lease_end. */
struct heap_node *lease_due(const struct leases *leases, struct monotime now);

/* When the next lease ends; INT64_MAX when there is none. */
struct monotime leases_deadline(const struct leases *leases);

#endif
