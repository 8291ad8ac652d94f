#include "schema/transport/calls.h"

#include <errno.h>
#include <string.h>

#include "schema/api/shape_read.h"
#include "schema/base/arena.h"
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

static const cJSON *error_of(const cJSON *message)
{
	return cJSON_GetObjectItemCaseSensitive(message, "error");
}

const char *calls_complaint(const cJSON *message)
{
	return error_of(message) ? json_string(error_of(message), "message", "") : NULL;
}

static void read_refusal(struct call_reply *reply, const cJSON *error, struct shape_reader *reader)
{
	const cJSON *data = cJSON_GetObjectItemCaseSensitive(error, "data");
	reply->error_code = (int)json_double(error, "code", WIRE_INTERNAL);
	reply->error_text = json_string(error, "message", "");
	if (!cJSON_IsObject(data) || shape_read(&reply->refusal, &refusal_shape, data, reader) != 0)
		reply->refusal = (struct refusal){0};
}

/* A daemon of another version may answer what we do not understand: that is an error like one of
 * its own. */
static void read_answer(
        struct call_reply *reply, const cJSON *result, enum method_id method, struct shape_reader *reader)
{
	const struct shape *shape = method_result(method);
	void *answer = arena_alloc(reader->arena, shape->size_bytes);
	int rc = answer ? shape_read(answer, shape, result, reader) : -ENOMEM;
	if (rc == 0) {
		reply->answer = answer;
		return;
	}
	const char *text = rc < 0 ? NULL
	                          : arena_printf(reader->arena, "the answer to %s is not understood: %s: expected %s",
	                                    method_name(method), reader->path, reader->expected);
	reply->error_code = WIRE_INTERNAL;
	reply->error_text = text ? text : "out of memory";
}

void call_reply_keep(void *out, const struct call_reply *reply, struct arena *arena)
{
	memcpy(out, reply->answer, method_result(reply->method)->size_bytes);
	arena_take_over(arena, reply->arena);
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
	struct arena arena = ARENA_NULL;
	struct shape_reader reader = {.arena = &arena};
	struct call_reply reply = {.method = call->method, .arena = &arena};
	if (error_of(message))
		read_refusal(&reply, error_of(message), &reader);
	else
		read_answer(&reply, cJSON_GetObjectItemCaseSensitive(message, "result"), call->method, &reader);
	finish(call, &reply);
	arena_finish(&arena);
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
