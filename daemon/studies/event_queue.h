/* What happened in this turn, kept until the commit made it true. */
#ifndef DAEMON_STUDIES_EVENT_QUEUE_H
#define DAEMON_STUDIES_EVENT_QUEUE_H

#include <stdbool.h>

#include "schema/api/event.h"
#include "schema/base/arena.h"

struct queued_event;

struct event_queue {
	struct arena arena; /* owns the events and their strings */
	struct queued_event *first, *last;
	bool wanted; /* somebody listens; else nothing is kept */
};

/* Copies the event to the end; NULL strings become "". 0 or -ENOMEM. */
int event_queue_add(struct event_queue *queue, const struct study_event *event);

/* Hands out all events in order and empties the queue. Listeners must not add events. */
void event_queue_send(
        struct event_queue *queue, void (*listener)(void *context, const struct study_event *event), void *context);

/* Drops all events. */
void event_queue_clear(struct event_queue *queue);

#endif
