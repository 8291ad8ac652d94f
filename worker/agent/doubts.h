/* Runs that failed at once and without a word, after others had gone well: the parameters may be to
 * blame, or a machine that broke. They are told as failed as soon as anything goes well here again;
 * when nothing does, they are handed back, and the budget is not burnt. */
#ifndef WORKER_AGENT_DOUBTS_H
#define WORKER_AGENT_DOUBTS_H

#include "worker/agent/outbox.h"

#define DOUBTS_MAX 8

struct doubts {
	struct outbox_message items[DOUBTS_MAX]; /* owned; results, their leases still held */
	size_t count;
};

/* Keeps one more (taken); there must be room. True when that makes the machine's fault certain
 * enough. */
bool doubts_add(struct doubts *doubts, struct outbox_message *message);

/* Tells them as what they are, failed / hands them back. What memory does not suffice for is lost
 * with its lease. */
void doubts_settle(struct doubts *doubts, struct outbox *outbox);
void doubts_hand_back(struct doubts *doubts, struct outbox *outbox);

/* Frees what is left. */
void doubts_finish(struct doubts *doubts);

#endif
