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

struct lease_claim outbox_item_claim(const struct outbox_item *item)
{
	const struct outbox_message *message = &item->message;
	return message->is_result ? message->result.claim : message->report.claim;
}

int outbox_push(struct outbox *outbox, struct outbox_message *message)
{
	bool too_many = outbox->count >= OUTBOX_MAX_COUNT && !message->is_result;
	struct outbox_item *item = too_many ? NULL : memory_alloc(1, sizeof *item);
	if (!item) {
		arena_finish(&message->arena);
		return too_many ? -ENOBUFS : -ENOMEM;
	}
	*item = (struct outbox_item){.outbox = outbox, .message = *message};
	message->arena = ARENA_NULL;
	list_append(&outbox->items, &item->link);
	outbox->count++;
	return 0;
}

int outbox_push_failure(struct outbox *outbox, const struct outbox_message *refused, const char *why)
{
	struct outbox_message message = {.is_result = true};
	message.result = (struct tell_request){
	        .claim = refused->result.claim, .state = RUN_FAILED, .reason = arena_strdup(&message.arena, why)};
	if (refused->checkpoint)
		message.checkpoint = arena_strdup(&message.arena, refused->checkpoint);
	if (message.result.reason)
		return outbox_push(outbox, &message);
	arena_finish(&message.arena);
	return -ENOMEM;
}

bool outbox_has_unfit(const struct outbox *outbox)
{
	struct list_link *at, *following;
	list_each (at, following, &outbox->items)
		if (list_entry(at, struct outbox_item, link)->message.unfit)
			return true;
	return false;
}

bool outbox_is_full(const struct outbox *outbox)
{
	return outbox->count >= OUTBOX_FULL_COUNT;
}

bool outbox_has_room(const struct outbox *outbox)
{
	return outbox->count <= OUTBOX_FULL_COUNT / 2;
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

/* Leaves out of a message what it can do without; false when nothing is left of that. */
static bool shrink(struct outbox_message *message)
{
	struct tell_request *result = &message->result;
	if (!message->is_result) {
		bool more = message->report.value.given && message->report.metrics.count > 0;
		message->report.metrics.count = 0;
		return more;
	}
	if (result->tables)
		result->tables = NULL;
	else if (result->metrics.count > 0)
		result->metrics.count = 0;
	else if (result->heard.count > 0)
		result->heard.count = 0;
	else
		return false;
	return true;
}

static int send_item(struct outbox_item *item, struct link *link)
{
	const struct outbox_message *message = &item->message;
	struct link_request request = {.reply = on_answer, .context = item};
	request.method = message->is_result ? METHOD_TRIAL_TELL : METHOD_TRIAL_REPORT;
	request.params = message->is_result ? (const void *)&message->result : &message->report;
	int rc = link_call(link, &request);
	item->sent = rc == 0;
	item->outbox->sent_count += item->sent;
	return rc;
}

/* As much of it as a line has room for. */
static int send_or_drop(struct outbox_item *item, struct link *link)
{
	struct outbox *outbox = item->outbox;
	int rc = send_item(item, link);
	while (rc == -EMSGSIZE && shrink(&item->message)) {
		log_warning("a %s is longer than a message may be: some of it is left out",
		        item->message.is_result ? "result" : "report");
		rc = send_item(item, link);
	}
	if (rc != -EMSGSIZE)
		return rc;
	item_remove(item);
	outbox->events.dropped(outbox->events.context, item, "it is longer than a message may be");
	item_free(item);
	return 0;
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
		if (outbox->sent_count >= OUTBOX_WINDOW_COUNT || send_or_drop(item, link) < 0)
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
