#include "schema/transport/calls.h"

#include <errno.h>

#include "schema/api/message.h"
#include "schema/base/memory.h"
#include "schema/space/json.h"

void calls_init(struct calls *calls)
{
	list_init(&calls->out);
	calls->next_id = 1;
}

int calls_add(struct call **out, struct calls *calls, const struct call *wanted)
{
	struct call *call = memory_alloc(1, sizeof *call);
	if (!call)
		return -ENOMEM;
	*call = *wanted;
	if (call->id == 0)
		call->id = calls->next_id++;
	list_append(&calls->out, &call->link);
	*out = call;
	return 0;
}

void calls_remove(struct call *call)
{
	list_remove(&call->link);
	memory_free(call);
}

static struct call *find(const struct calls *calls, double id)
{
	struct list_link *at, *following;
	list_each (at, following, &calls->out)
		if (list_entry(at, struct call, link)->id == id)
			return list_entry(at, struct call, link);
	return NULL;
}

struct call_reply calls_read_reply(const cJSON *message)
{
	const cJSON *error = cJSON_GetObjectItemCaseSensitive(message, "error");
	struct call_reply reply = {.result = cJSON_GetObjectItemCaseSensitive(message, "result")};
	if (error) {
		reply.result = NULL;
		reply.error_code = (int)json_double(error, "code", WIRE_INTERNAL);
		reply.error_text = json_string(error, "message", "");
		reply.error_data = cJSON_GetObjectItemCaseSensitive(error, "data");
	}
	return reply;
}

/* The call is gone before its owner hears the reply, who may call again or end everything. */
static void finish(struct call *call, const struct call_reply *reply)
{
	struct call finished = *call;
	calls_remove(call);
	finished.reply(finished.context, reply);
}

bool calls_answer(struct calls *calls, const cJSON *message)
{
	const cJSON *id = cJSON_GetObjectItemCaseSensitive(message, "id");
	struct call *call = cJSON_IsNumber(id) ? find(calls, id->valuedouble) : NULL;
	if (!call)
		return false;
	struct call_reply reply = calls_read_reply(message);
	finish(call, &reply);
	return true;
}

void calls_lose(struct calls *calls, bool tell)
{
	while (!list_empty(&calls->out)) {
		struct call *call = list_entry(calls->out.head.next, struct call, link);
		if (tell)
			finish(call, &(struct call_reply){0});
		else
			calls_remove(call);
	}
}
