#include "worker/agent/doubts.h"

#include <assert.h>

#include "schema/base/log.h"

bool doubts_add(struct doubts *doubts, struct outbox_message *message)
{
	assert(doubts->count < DOUBTS_MAX && message->is_result);
	doubts->items[doubts->count++] = *message;
	message->arena = ARENA_NULL;
	return doubts->count == DOUBTS_MAX;
}

void doubts_settle(struct doubts *doubts, struct outbox *outbox)
{
	for (size_t i = 0; i < doubts->count; i++)
		if (outbox_push(outbox, &doubts->items[i]) < 0)
			log_error("out of memory: the result of a run is lost, its lease will expire");
	doubts->count = 0;
}

void doubts_hand_back(struct doubts *doubts, struct outbox *outbox)
{
	for (size_t i = 0; i < doubts->count; i++)
		doubts->items[i].result.state = RUN_LOST;
	doubts_settle(doubts, outbox);
}

void doubts_finish(struct doubts *doubts)
{
	for (size_t i = 0; i < doubts->count; i++)
		arena_finish(&doubts->items[i].arena);
	doubts->count = 0;
}
