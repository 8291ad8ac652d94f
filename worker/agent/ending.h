/* How the agent ends: signals say how far, programs end first, results still reach the daemon.
 *
 *   working ──▶ draining ──▶ handing back ──▶ killing      any state may be skipped
 *      └───────────┴──────────────┴──────────────┴──▶ closed
 *
 * draining: no new runs; handing back: programs get SIGTERM and their runs go to others; killing:
 * SIGKILL. */
#ifndef WORKER_AGENT_ENDING_H
#define WORKER_AGENT_ENDING_H

#include <uv.h>

#include "worker/agent/asking.h"
#include "worker/agent/outbox.h"
#include "worker/agent/slots.h"

enum ending_state {
	ENDING_WORKING,
	ENDING_DRAINING,
	ENDING_HANDING_BACK,
	ENDING_KILLING,
	ENDING_CLOSED,
	ENDING_STATE_COUNT
};

#define ENDING_SIGNAL_COUNT 3

struct ending {
	uv_signal_t signals[ENDING_SIGNAL_COUNT];
	uv_timer_t wait_timer; /* for results that the daemon has not acknowledged */
	enum ending_state state;
	bool killed; /* was in ENDING_KILLING */
	/* Set by the caller before ending_init, borrowed. */
	const struct slots *slots;
	const struct outbox *outbox;
	const struct asking *asking;
	void (*begun)(void *context); /* it works no more; called once */
	bool (*busy)(void *context);  /* something else has to end first */
	bool finish_first;            /* the first signal drains only */
	void (*close)(void *context); /* closes all other handles; called once */
	void *context;
};

/* Listens to SIGINT, SIGTERM and SIGUSR1. 0 or negative errno; ending_close in every case. */
int ending_init(struct ending *ending, uv_loop_t *loop);

/* Goes that far, unless it has come farther. */
void ending_begin(struct ending *ending, enum ending_state state);

/* Closes when nothing is left to do: to be called whenever a run, a result or a question is
 * settled. */
void ending_settle(struct ending *ending);

/* Closes at once. Repeating it is fine. */
void ending_close(struct ending *ending);

#endif
