/* All places for runs of this worker. */
#ifndef WORKER_AGENT_SLOTS_H
#define WORKER_AGENT_SLOTS_H

#include "worker/agent/slot.h"

struct slots {
	struct slot *items; /* (count) */
	int64_t count;
};

/* Makes `count` free slots; `owner` is borrowed until slots_finish. 0 or -ENOMEM. */
int slots_init(struct slots *slots, int64_t count, const struct slot_owner *owner);

/* Frees them; all are free by then. Zeroed slots are fine. */
void slots_finish(struct slots *slots);

/* A slot that can take a run, or NULL. */
struct slot *slots_find_free(const struct slots *slots);

/* True when no slot has a run. */
bool slots_are_idle(const struct slots *slots);

/* True while a program still runs whose run was given up. The next attempt may come to us and goes
 * on from what it leaves, so none is asked for before it has ended. */
bool slots_have_lost(const struct slots *slots);

/* Stops a run for the reason that the daemon gives; STOP_NONE changes nothing. `lease` < 0 is any.
 * Runs that are not here are passed over. */
void slots_stop_run(const struct slots *slots, struct lease_claim claim, enum stop_reason reason);

/* All runs are others' by now: their programs are killed, and nothing is told. */
void slots_give_up(const struct slots *slots);

/* Hands all runs back: their programs get SIGTERM, and SIGKILL after the grace time. */
void slots_hand_back(const struct slots *slots);

/* Lets the programs wait with their reports, or go on. */
void slots_hold(const struct slots *slots, bool hold);

/* A report of that run does not reach the daemon. Runs that are not here are passed over. */
void slots_miss_report(const struct slots *slots, struct lease_claim claim, const char *why);

/* SIGKILL to all programs. */
void slots_kill(const struct slots *slots);

#endif
