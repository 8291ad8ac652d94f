/* A place for one run: from the assignment through the process to the result.
 *
 *   free ──▶ working ──▶ pruned | cancelled | handed back ──▶ free      (or back at once: the program ended, or never began)
 *               └──────────────┴──▶ lost ──▶ free
 *
 * Behind working, the program is being ended and the state says how the run will be told of,
 * whatever its exit code; of a lost one nothing is told. */
#ifndef WORKER_AGENT_SLOT_H
#define WORKER_AGENT_SLOT_H

#include "worker/agent/assignment.h"
#include "worker/agent/checkpoint_follow.h"
#include "worker/agent/heard_metrics.h"
#include "worker/agent/outbox.h"
#include "worker/agent/run_process.h"

enum slot_state { SLOT_FREE, SLOT_WORKING, SLOT_PRUNED, SLOT_CANCELLED, SLOT_HANDED_BACK, SLOT_LOST, SLOT_STATE_COUNT };

/* What became of a run, for the owner's counting. */
enum slot_outcome {
	OUTCOME_COMPLETE,
	OUTCOME_STOPPED,
	OUTCOME_FAILED,
	OUTCOME_KILLED,
	OUTCOME_UNFIT /* this machine cannot do it */
};

struct slot_owner {
	uv_loop_t *loop;
	struct outbox *outbox;
	const char *home, *supervisor;
	const char *trainer; /* path of kre-train */
	struct file_sources *sources;
	const struct allow_list *allow;
	uint64_t grace_ms;
	int64_t threads;               /* of a run whose study names none */
	bool remote;                   /* the daemon is on another machine */
	void (*spoke)(void *context);  /* the outbox has something new */
	void (*proved)(void *context); /* a program that runs here has reported */
	/* A run failed at once and without a word. True when its result was taken and not told. */
	bool (*doubted)(void *context, struct outbox_message *message);
	/* A run is over, whose folder stays; its result is told next. */
	void (*left)(void *context, struct lease_claim claim, const char *folder);
	void (*freed)(void *context, enum slot_outcome outcome);
	void *context;
};

struct slot {
	const struct slot_owner *owner;
	enum slot_state state;
	struct agent_assignment assignment;
	struct file_search *search;       /* its files are being looked for; NULL = not, or no longer */
	struct run_process *process;      /* NULL = not started */
	struct checkpoint_follow *follow; /* its checkpoint is being brought to the daemon; NULL = not */
	struct program_report result;     /* the final report, once said */
	struct heard_metrics heard;
	uint64_t started_ms;                /* on the loop's clock */
	int64_t report_count, missed_count; /* reports, and those that do not reach the daemon */
};

/* Takes the run of an answer to trial.ask into a free slot, finds its files and starts it. What
 * cannot start is told to the daemon with the reason: as failed, or handed back where this machine
 * is the reason. Then the slot is free again, and `freed` is called, maybe before this returns. */
void slot_start(struct slot *slot, const struct call_reply *reply);

/* The daemon has taken that result of a run: nobody will go on with what the run kept. */
void slot_result_taken(const struct outbox_message *message);

/* One of its reports does not reach the daemon; said once, and with a count at the end. */
void slot_miss_report(struct slot *slot, const char *why);

/* Kills its program at once. */
void slot_kill(struct slot *slot);

/* Ends the run for a reason: its process gets SIGTERM, then SIGKILL (SLOT_LOST: SIGKILL at once).
 * The first reason stays, but a lost lease overrules. A free slot stays free. */
void slot_stop(struct slot *slot, enum slot_state state);

#endif
