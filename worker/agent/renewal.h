/* Renewing the leases of the runs that are here, at a third of their time. */
#ifndef WORKER_AGENT_RENEWAL_H
#define WORKER_AGENT_RENEWAL_H

#include <uv.h>

#include "schema/transport/link.h"
#include "worker/agent/doubts.h"
#include "worker/agent/slots.h"

struct renewal {
	uv_timer_t timer;
	struct link *link;               /* borrowed; NULL once closed */
	const struct slots *slots;       /* borrowed; runs that the daemon says are over are stopped there */
	const struct doubts *doubts;     /* borrowed */
	void (*due)(void *context);      /* before each renewal */
	void (*answered)(void *context); /* the daemon answered, and runs it stopped are being stopped */
	void *context;
};

/* Makes it ready; all members but the timer are set by the caller before. 0 or negative errno. */
int renewal_init(struct renewal *renewal, uv_loop_t *loop);

/* Renews now and at every third of `lease_s`. */
void renewal_start(struct renewal *renewal, double lease_s);

/* The connection is lost. */
void renewal_stop(struct renewal *renewal);

/* Never renews again. */
void renewal_close(struct renewal *renewal);

#endif
