#include "worker/agent/slots.h"

#include <assert.h>
#include <errno.h>

#include "schema/base/memory.h"

int slots_init(struct slots *slots, int64_t count, const struct slot_owner *owner)
{
	assert(count > 0);
	struct slot *items = memory_alloc((size_t)count, sizeof *items);
	if (!items)
		return -ENOMEM;
	for (int64_t i = 0; i < count; i++)
		items[i].owner = owner;
	*slots = (struct slots){items, count};
	return 0;
}

void slots_finish(struct slots *slots)
{
	assert(slots_are_idle(slots));
	memory_free(slots->items);
	*slots = (struct slots){0};
}

static struct slot *find_state(const struct slots *slots, enum slot_state state)
{
	for (int64_t i = 0; i < slots->count; i++)
		if (slots->items[i].state == state)
			return &slots->items[i];
	return NULL;
}

struct slot *slots_find_free(const struct slots *slots)
{
	return find_state(slots, SLOT_FREE);
}

bool slots_have_lost(const struct slots *slots)
{
	return find_state(slots, SLOT_LOST) != NULL;
}

bool slots_are_idle(const struct slots *slots)
{
	for (int64_t i = 0; i < slots->count; i++)
		if (slots->items[i].state != SLOT_FREE)
			return false;
	return true;
}

static struct slot *find_run(const struct slots *slots, struct lease_claim claim)
{
	for (int64_t i = 0; i < slots->count; i++) {
		struct slot *slot = &slots->items[i];
		const struct assigned_run *run = slot->state == SLOT_FREE ? NULL : slot->assignment.run;
		if (run && run->id == claim.run_id && (claim.lease < 0 || run->lease == claim.lease))
			return slot;
	}
	return NULL;
}

void slots_stop_run(const struct slots *slots, struct lease_claim claim, enum stop_reason reason)
{
	static const enum slot_state states[] = {
	        [STOP_PRUNED] = SLOT_PRUNED, [STOP_CANCELLED] = SLOT_CANCELLED, [STOP_LOST] = SLOT_LOST};
	struct slot *slot = reason == STOP_NONE ? NULL : find_run(slots, claim);
	if (slot)
		slot_stop(slot, states[reason]);
}

void slots_hold(const struct slots *slots, bool hold)
{
	for (int64_t i = 0; i < slots->count; i++)
		if (slots->items[i].process)
			run_process_hold(slots->items[i].process, hold);
}

void slots_miss_report(const struct slots *slots, struct lease_claim claim, const char *why)
{
	struct slot *slot = find_run(slots, claim);
	if (slot)
		slot_miss_report(slot, why);
}

void slots_give_up(const struct slots *slots)
{
	for (int64_t i = 0; i < slots->count; i++)
		slot_stop(&slots->items[i], SLOT_LOST);
}

void slots_hand_back(const struct slots *slots)
{
	for (int64_t i = 0; i < slots->count; i++)
		slot_stop(&slots->items[i], SLOT_HANDED_BACK);
}

void slots_kill(const struct slots *slots)
{
	for (int64_t i = 0; i < slots->count; i++)
		slot_kill(&slots->items[i]);
}
