/* What the daemon has not acknowledged yet: reports and results, in order. They outlive a lost
 * connection and are sent again; saying the same thing twice is safe. */
#ifndef WORKER_AGENT_OUTBOX_H
#define WORKER_AGENT_OUTBOX_H

#include "schema/base/list.h"
#include "schema/transport/link.h"

#define OUTBOX_MAX_COUNT 10000 /* beyond it the oldest unsent report is dropped; results never are */
#define OUTBOX_WINDOW_COUNT 64 /* sent and not yet acknowledged */

struct outbox_item {
	struct list_link link; // outbox::items
	struct outbox *outbox;
	const char *method; /* static */
	cJSON *params;      /* owned */
	double run, lease;
	bool is_result, sent;
};

struct outbox_events {
	/* The daemon answered (with a result or an error); the item is out of the box already and
	 * freed afterwards. */
	void (*answered)(void *context, const struct outbox_item *item, const struct call_reply *reply);
	void *context;
};

struct outbox {
	struct list items; /* oldest first; the sent ones lead */
	size_t count, sent_count;
	bool held; /* the daemon could not write something down: nothing leaves before outbox_release */
	struct outbox_events events;
};

/* Makes an empty box; `events` is copied. */
void outbox_init(struct outbox *outbox, const struct outbox_events *events);

/* Frees everything unsaid. No answers may arrive afterwards. */
void outbox_finish(struct outbox *outbox);

/* Puts a call at the end: params (consumed) get `run` and `lease`. A result (trial.tell) is never
 * dropped. 0 or -ENOMEM. */
int outbox_push(struct outbox *outbox, bool is_result, double run, double lease, cJSON *params);

/* Sends what the window allows. Does nothing while the link is down or the box is held. */
void outbox_send(struct outbox *outbox, struct link *link);

/* What the daemon could not write down (a full disk) may be sent again. */
void outbox_release(struct outbox *outbox);

/* The connection is lost: everything counts as unsent again. */
void outbox_rewind(struct outbox *outbox);

#endif
