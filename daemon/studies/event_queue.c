#include "daemon/studies/event_queue.h"

#include <assert.h>
#include <errno.h>

struct queued_event {
	struct study_event event;
	struct queued_event *next;
};

static bool copy_text(struct arena *arena, const char **text)
{
	*text = *text && **text ? arena_strdup(arena, *text) : "";
	return *text != NULL;
}

int event_queue_add(struct event_queue *queue, const struct study_event *event)
{
	if (!queue->wanted)
		return 0;
	struct queued_event *queued = arena_alloc(&queue->arena, sizeof *queued);
	if (!queued)
		return -ENOMEM;
	queued->event = *event;
	const char **texts[] = {&queued->event.study, &queued->event.state, &queued->event.worker, &queued->event.text};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (!copy_text(&queue->arena, texts[i]))
			return -ENOMEM;
	if (queue->last)
		queue->last->next = queued;
	else
		queue->first = queued;
	queue->last = queued;
	return 0;
}

void event_queue_send(
        struct event_queue *queue, void (*listener)(void *context, const struct study_event *event), void *context)
{
	assert(!queue->first == !queue->last);
	if (!queue->first)
		return;
	for (const struct queued_event *at = queue->first; at; at = at->next)
		listener(context, &at->event);
	event_queue_clear(queue);
}

void event_queue_clear(struct event_queue *queue)
{
	arena_finish(&queue->arena);
	queue->first = queue->last = NULL;
}
