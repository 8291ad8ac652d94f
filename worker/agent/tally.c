#include "worker/agent/tally.h"

#include <assert.h>

#define FLAPPING_MS 60000

void tally_start(struct tally *tally, uint64_t now_ms)
{
	if (tally->started_count++ == 0)
		tally->first_ms = now_ms;
}

void tally_end(struct tally *tally, enum slot_outcome outcome)
{
	tally->complete_count += outcome == OUTCOME_COMPLETE || outcome == OUTCOME_STOPPED;
	tally->failed_count += outcome == OUTCOME_FAILED;
	assert(tally->complete_count + tally->failed_count <= tally->started_count);
}

bool tally_has_reached(const struct tally *tally, int64_t limit)
{
	return limit && tally->started_count >= limit;
}

bool tally_is_flapping(const struct tally *tally, uint64_t now_ms)
{
	assert(now_ms >= tally->first_ms);
	return now_ms - tally->first_ms < FLAPPING_MS && tally->complete_count == 0 &&
	       tally->failed_count >= TALLY_FLAPPING_COUNT;
}
