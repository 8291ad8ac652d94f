/* Every process below one: its children, theirs, and so on, whatever group or session they moved
 * to. Read from /proc, so it is a moment's truth: ask again until nothing is left. */
#ifndef WORKER_AGENT_DESCENDANTS_H
#define WORKER_AGENT_DESCENDANTS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct descendant {
	pid_t pid, parent, group;
	int64_t memory_bytes; /* resident; pages that processes share count for each */
};

struct descendants {
	struct descendant *items; /* (count) owned */
	size_t count, capacity;
};

#define DESCENDANTS_NULL ((struct descendants){0})

/* Lists the processes below `root`, itself not among them. 0, or a negative errno, and `out` is as
 * it was. Finish it in the first case. */
int descendants_init(struct descendants *out, pid_t root);
void descendants_finish(struct descendants *descendants);

/* What they all take together, in bytes: a page that several share counts once. Cheap as long as
 * that is below `enough`: then it may be more than what they take, but is not above `enough`. */
int64_t descendants_memory(const struct descendants *descendants, int64_t enough);

#endif
