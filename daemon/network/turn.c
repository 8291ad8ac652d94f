#include "daemon/network/turn.h"

#include <errno.h>

#include "schema/base/log.h"
#include "schema/base/memory.h"

struct turn_request {
	struct list_link link; /* turn::requests */
	struct connection *connection;
	cJSON *message; /* owned; NULL = the line was no request and reply says so */
	char *reply;    /* owned; NULL until run, or when out of memory */
};

void turn_init(struct turn *turn, const struct surroundings *around)
{
	list_init(&turn->requests);
	turn->around = around;
}

bool turn_waiting(const struct turn *turn)
{
	return !list_empty(&turn->requests);
}

/* The reply goes out, or is dropped with a connection that is gone. */
static void finish_request(struct turn_request *request, bool send)
{
	list_remove(&request->link);
	request->connection->turn_requests--;
	if (send)
		connection_send(request->connection, request->reply);
	else
		memory_free(request->reply);
	cJSON_Delete(request->message);
	memory_free(request);
}

void turn_finish(struct turn *turn)
{
	while (turn_waiting(turn))
		finish_request(list_entry(turn->requests.head.next, struct turn_request, link), false);
}

static int append(struct turn *turn, const struct turn_request *wanted)
{
	struct turn_request *request = memory_alloc(1, sizeof *request);
	if (!request) {
		cJSON_Delete(wanted->message);
		memory_free(wanted->reply);
		return -ENOMEM;
	}
	*request = *wanted;
	request->connection->turn_requests++;
	list_append(&turn->requests, &request->link);
	return 0;
}

int turn_add(struct turn *turn, struct connection *connection, cJSON *message)
{
	return append(turn, &(struct turn_request){.connection = connection, .message = message});
}

int turn_refuse(struct turn *turn, struct connection *connection, char *reply)
{
	return append(turn, &(struct turn_request){.connection = connection, .reply = reply});
}

static bool any_writes(const struct turn *turn)
{
	for (struct list_link *at = turn->requests.head.next; at != &turn->requests.head; at = at->next)
		if (dispatch_use(list_entry(at, struct turn_request, link)->message) == USE_CHANGE)
			return true;
	return false;
}

static void run_requests(struct turn *turn)
{
	struct list_link *at, *following;
	list_each (at, following, &turn->requests) {
		struct turn_request *request = list_entry(at, struct turn_request, link);
		struct connection *connection = request->connection;
		if (!request->message)
			continue;
		bool greeted = connection->state != CONNECTION_HELLO;
		request->reply = dispatch_run(request->message, &connection->peer, &greeted, turn->around);
		if (greeted)
			connection_greeted(connection);
	}
}

/* Only what never looked at a study keeps its answer: what meant to change one has to hear that it did not, and what was read
 * may have been read from those changes. */
static void replace_replies(struct turn *turn, const char *why)
{
	struct list_link *at, *following;
	list_each (at, following, &turn->requests) {
		struct turn_request *request = list_entry(at, struct turn_request, link);
		if (request->reply && dispatch_use(request->message) == USE_NONE)
			continue;
		memory_free(request->reply);
		request->reply = dispatch_not_committed(request->message, why);
	}
}

static void send_replies(struct turn *turn)
{
	while (turn_waiting(turn))
		finish_request(list_entry(turn->requests.head.next, struct turn_request, link), true);
}

int turn_run(struct turn *turn)
{
	struct error error = {""};
	bool writes = any_writes(turn);
	int rc = writes ? study_table_begin(turn->around->table, &error) : 0;
	if (rc == STUDIES_BUSY)
		return rc;
	if (rc == 0) {
		run_requests(turn);
		rc = writes ? study_table_commit(turn->around->table, &error) : 0;
	}
	if (rc != 0) {
		log_error("nothing of this turn was kept: %s", error.text);
		replace_replies(turn, error.text);
	}
	send_replies(turn);
	return 0;
}
