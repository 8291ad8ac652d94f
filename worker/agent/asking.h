/* Asking the daemon for runs: one question at a time, the answer leads to the next; where there is
 * no run, later. */
#ifndef WORKER_AGENT_ASKING_H
#define WORKER_AGENT_ASKING_H

#include <uv.h>

#include "schema/api/work.h"
#include "schema/transport/link.h"
#include "worker/agent/allow_list.h"

struct asking_events {
	bool (*wants)(void *context);                                 /* whether a run is wanted now */
	void (*given)(void *context, const struct call_reply *reply); /* a run; the answer is borrowed */
	void (*none)(void *context, enum wait_reason reason);         /* no run now */
	void (*refused)(void *context, int error, const char *why);   /* an answer that is an error (enum wire_error) */
	void (*answered)(void *context);                              /* last, after each of the three above */
	void *context;
};

struct asking {
	uv_timer_t timer;
	struct link *link;              /* borrowed; NULL once closed */
	const struct allow_list *allow; /* borrowed */
	const char *study;              /* borrowed; NULL = any */
	struct asking_events events;
	double id;      /* of the next question; one whose answer was lost is repeated under its id */
	bool in_flight; /* a question is out */
};

/* Makes it ready on the link's loop; link, allow and study are set by the caller before. 0 or
 * negative errno. */
int asking_init(struct asking *asking, uv_loop_t *loop, const struct asking_events *events);

/* Asks if the link is up, no question is out and a run is wanted. */
void asking_ask(struct asking *asking);

/* Asks unless a moment for the next question is fixed already. */
void asking_ask_unless_waiting(struct asking *asking);

/* The connection is lost: so is the question. */
void asking_forget(struct asking *asking);

/* Never asks again. */
void asking_close(struct asking *asking);

#endif
