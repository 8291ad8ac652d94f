/* Calls that are out: sent and not yet answered. Each hears its reply once. */
#ifndef SCHEMA_TRANSPORT_CALLS_H
#define SCHEMA_TRANSPORT_CALLS_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "schema/api/message.h"
#include "schema/api/refusal.h"
#include "schema/base/arena.h"
#include "schema/base/list.h"

/* What the other side said: exactly one of answer and error is set; all of it is borrowed for the
 * call, or for the life of the arena that call_reply_keep gave it to. error_code 0 without an
 * answer means that the connection was lost before one came. */
struct call_reply {
	enum method_id method;
	const void *answer;  /* a struct of the shape of the method's result */
	struct arena *arena; /* which holds it */
	int error_code;      /* enum wire_error */
	const char *error_text;
	struct refusal refusal; /* what goes with an error */
};

/* Copies the answer into *out and gives its strings and lists to `arena`: for whoever needs it
 * longer. */
void call_reply_keep(void *out, const struct call_reply *reply, struct arena *arena);

typedef void call_reply_function(void *context, const struct call_reply *reply);

struct call {
	struct list_link link; /* calls::out */
	enum method_id method;
	double id;
	call_reply_function *reply;
	void *context;
};

struct calls {
	struct list out; /* owned */
	double next_id;
};

/* No calls; ids are counted from 1. */
void calls_init(struct calls *calls);

/* Adds a call like `wanted`, counting an id for it where that has none. 0 or -ENOMEM. */
int calls_add(struct call **out, struct calls *calls, const struct call *wanted);

/* Takes back a call that could not be sent: nobody hears of it. */
void calls_remove(struct call *call);

/* The sentence of a message that refuses something; NULL if it does not. Borrowed from the
 * message. */
const char *calls_complaint(const cJSON *message);

/* Gives the reply in `message` to its call. False when no call has that id. */
bool calls_answer(struct calls *calls, const cJSON *message);

/* Ends all calls: each hears that the connection was lost, or with `tell` false nothing. */
void calls_lose(struct calls *calls, bool tell);

#endif
