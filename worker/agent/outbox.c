#include "worker/agent/outbox.h"

#include <errno.h>

#include "schema/base/log.h"
#include "schema/base/memory.h"

void outbox_init(struct outbox *outbox, const struct outbox_events *events)
{
	*outbox = (struct outbox){.events = *events};
	list_init(&outbox->items);
}

static void item_remove(struct outbox_item *item)
{
	list_remove(&item->link);
	item->outbox->count--;
	item->outbox->sent_count -= item->sent;
}

static void item_free(struct outbox_item *item)
{
	arena_finish(&item->message.arena);
	memory_free(item);
}

static void item_destroy(struct outbox_item *item)
{
	item_remove(item);
	item_free(item);
}

void outbox_finish(struct outbox *outbox)
{
	struct list_link *at, *following;
	if (outbox->items.head.next)
		list_each (at, following, &outbox->items)
			item_destroy(list_entry(at, struct outbox_item, link));
}

/* Sent items stay: an answer to them may be on its way. */
static void drop_oldest_report(struct outbox *outbox)
{
	struct list_link *at, *following;
	list_each (at, following, &outbox->items) {
		struct outbox_item *item = list_entry(at, struct outbox_item, link);
		if (item->sent || item->message.is_result)
			continue;
		log_warning("too many reports wait for the daemon: the oldest is dropped");
		item_destroy(item);
		return;
	}
}

struct lease_claim outbox_item_claim(const struct outbox_item *item)
{
	const struct outbox_message *message = &item->message;
	return message->is_result ? message->result.claim : message->report.claim;
}

int outbox_push(struct outbox *outbox, struct outbox_message *message)
{
	struct outbox_item *item = memory_alloc(1, sizeof *item);
	if (!item) {
		arena_finish(&message->arena);
		return -ENOMEM;
	}
	if (outbox->count >= OUTBOX_MAX_COUNT)
		drop_oldest_report(outbox);
	*item = (struct outbox_item){.outbox = outbox, .message = *message};
	message->arena = ARENA_NULL;
	list_append(&outbox->items, &item->link);
	outbox->count++;
	return 0;
}

/* Nothing of a turn that failed was written, so all of it stays, in order. */
static void hold(struct outbox_item *item, const char *why)
{
	if (!item->outbox->held)
		log_warning("the daemon cannot write results down, they are sent again later: %s", why);
	item->outbox->held = true;
	item->outbox->sent_count -= item->sent;
	item->sent = false;
}

static void on_answer(void *context, const struct call_reply *reply)
{
	struct outbox_item *item = context;
	bool lost_on_the_way = !reply->answer && reply->error_code == 0;
	if (lost_on_the_way)
		return;
	if (reply->error_code == WIRE_INTERNAL) {
		hold(item, reply->error_text);
		return;
	}
	item_remove(item);
	item->outbox->events.answered(item->outbox->events.context, item, reply);
	item_free(item);
}

static bool send_item(struct outbox_item *item, struct link *link)
{
	const struct outbox_message *message = &item->message;
	struct link_request request = {.reply = on_answer, .context = item};
	request.method = message->is_result ? METHOD_TRIAL_TELL : METHOD_TRIAL_REPORT;
	request.params = message->is_result ? (const void *)&message->result : &message->report;
	item->sent = link_call(link, &request) == 0;
	item->outbox->sent_count += item->sent;
	return item->sent;
}

void outbox_send(struct outbox *outbox, struct link *link)
{
	struct list_link *at, *following;
	if (!link_is_up(link) || outbox->held)
		return;
	list_each (at, following, &outbox->items) {
		struct outbox_item *item = list_entry(at, struct outbox_item, link);
		if (item->sent)
			continue;
		if (outbox->sent_count >= OUTBOX_WINDOW_COUNT || !send_item(item, link))
			return;
	}
}

void outbox_release(struct outbox *outbox)
{
	outbox->held = false;
}

void outbox_rewind(struct outbox *outbox)
{
	struct list_link *at, *following;
	list_each (at, following, &outbox->items)
		list_entry(at, struct outbox_item, link)->sent = false;
	outbox->sent_count = 0;
	outbox->held = false;
}
