/* What the daemon has not acknowledged yet: reports and results, in order. They outlive a lost
 * connection and are sent again; saying the same thing twice is safe. */
#ifndef WORKER_AGENT_OUTBOX_H
#define WORKER_AGENT_OUTBOX_H

#include "schema/api/work.h"
#include "schema/base/arena.h"
#include "schema/base/list.h"
#include "schema/transport/link.h"

#define OUTBOX_FULL_COUNT 10000 /* from here on trainers wait */
#define OUTBOX_MAX_COUNT 200000 /* the most reports that wait, of programs that are over and cannot wait */
#define OUTBOX_WINDOW_COUNT 64  /* sent and not yet acknowledged */

/* What is said to the daemon: a report of a run, or its result. */
struct outbox_message {
	bool is_result;
	struct report_request report; /* !is_result */
	struct tell_request result;   /* is_result */
	const char *checkpoint;       /* of a run that is over when the result is taken, its folder; or NULL */
	bool unfit;                   /* is_result: it is handed back, this machine cannot do it */
	struct arena arena;           /* owns what they point to */
};

struct outbox_item {
	struct list_link link; /* outbox::items */
	struct outbox *outbox;
	struct outbox_message message; /* owned */
	bool sent;
};

/* Whose run an item is of. */
struct lease_claim outbox_item_claim(const struct outbox_item *item);

struct outbox_events {
	/* The daemon answered (with a result or an error); the item is out of the box already and
	 * freed afterwards. */
	void (*answered)(void *context, const struct outbox_item *item, const struct call_reply *reply);
	/* A report does not leave: why. The item is freed afterwards. */
	void (*dropped)(void *context, const struct outbox_item *item, const char *why);
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

/* Puts a message (taken in every case) at the end. 0, -ENOMEM, or -ENOBUFS for a report when
 * OUTBOX_MAX_COUNT wait. */
int outbox_push(struct outbox *outbox, struct outbox_message *message);

/* Tells a failure for that reason instead of a result that the daemon refused. 0 or -ENOMEM. */
int outbox_push_failure(struct outbox *outbox, const struct outbox_message *refused, const char *why);

/* True while the daemon has not said whether it takes back a run that this machine cannot do. */
bool outbox_has_unfit(const struct outbox *outbox);

/* True when trainers should wait / may speak again. */
bool outbox_is_full(const struct outbox *outbox);
bool outbox_has_room(const struct outbox *outbox);

/* Sends what the window allows. Does nothing while the link is down or the box is held. */
void outbox_send(struct outbox *outbox, struct link *link);

/* What the daemon could not write down (a full disk) may be sent again. */
void outbox_release(struct outbox *outbox);

/* The connection is lost: everything counts as unsent again. */
void outbox_rewind(struct outbox *outbox);

#endif
