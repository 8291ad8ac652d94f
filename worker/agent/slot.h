/* A place for one run: from the assignment through the process to the result. */
#ifndef WORKER_AGENT_SLOT_H
#define WORKER_AGENT_SLOT_H

#include "worker/agent/assignment.h"
#include "worker/agent/outbox.h"
#include "worker/agent/run_process.h"

/* How a run that is still breathing will be told of, whatever its exit code. */
enum slot_fate { FATE_OPEN, FATE_PRUNED, FATE_CANCELLED, FATE_LOST, FATE_HANDED_BACK };

/* What became of a run, for the owner's counting. */
enum slot_outcome { OUTCOME_COMPLETE, OUTCOME_STOPPED, OUTCOME_FAILED, OUTCOME_KILLED };

struct slot_owner {
	uv_loop_t *loop;
	struct outbox *outbox;
	const char *home, *supervisor;
	const char *trainer; /* path of kre-train */
	uint64_t grace_ms;
	void (*spoke)(void *context); /* the outbox has something new */
	void (*freed)(void *context, enum slot_outcome outcome);
	void *context;
};

struct slot {
	const struct slot_owner *owner;
	bool busy;
	struct agent_assignment assignment;
	struct run_process *process; /* NULL = not started */
	struct spoken_report result; /* the final report, once said */
	int64_t report_count;
	enum slot_fate fate;
};

/* Takes the run (consumed) into a free slot and starts it. What cannot start is told to the daemon
 * as failed, with the reason: then the slot is free again, and `freed` is called before this
 * returns. */
void slot_start(struct slot *slot, cJSON *run, bool allowed);

/* Ends the run for a reason: its process gets SIGTERM, then SIGKILL (FATE_LOST: SIGKILL at once).
 * The first fate stays, but a lost lease overrules: then nothing is told. */
void slot_stop(struct slot *slot, enum slot_fate fate);

#endif
