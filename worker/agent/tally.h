/* How many runs this worker took and how they ended: when it has done enough, and when something is
 * wrong with it. */
#ifndef WORKER_AGENT_TALLY_H
#define WORKER_AGENT_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "worker/agent/slot.h"

#define TALLY_FLAPPING_COUNT 3

struct tally {
	int64_t started_count, complete_count, failed_count;
	uint64_t first_ms; /* when the first run came, on the loop's clock */
};

/* Counts a run that came, and one that ended. */
void tally_start(struct tally *tally, uint64_t now_ms);
void tally_end(struct tally *tally, enum slot_outcome outcome);

/* True once `limit` runs have come; a limit of 0 is none. */
bool tally_has_reached(const struct tally *tally, int64_t limit);

/* True when the first runs all failed within a minute: something is wrong with this machine or the
 * study, and going on would use up the budget for nothing. */
bool tally_is_flapping(const struct tally *tally, uint64_t now_ms);

#endif
