#include "daemon/network/turn.h"

#include <errno.h>

#include "daemon/studies/importance_job.h"
#include "daemon/studies/study_table.h"
#include "schema/base/log.h"
#include "schema/base/memory.h"

struct turn_request {
	struct list_link link; /* turn::requests or turn::parked */
	struct peer *peer;
	cJSON *message;                    /* owned; NULL = the line was no request and reply says so */
	char *reply;                       /* owned; NULL until run, or when out of memory */
	struct importance_job *importance; /* owned; what it has begun */
	bool delayed;                      /* it had to wait for a job, or behind what did, and is for its peer alone */
};

void turn_init(struct turn *turn, const struct surroundings *around)
{
	list_init(&turn->requests);
	list_init(&turn->parked);
	turn->around = around;
}

bool turn_waiting(const struct turn *turn)
{
	return !list_empty(&turn->requests);
}

/* The reply goes out, or is dropped with a peer that is gone. */
static void finish_request(struct turn_request *request, bool send)
{
	list_remove(&request->link);
	if (send)
		peer_send(request->peer, request->reply);
	else
		memory_free(request->reply);
	peer_request_done(request->peer);
	study_importance_job_destroy(request->importance);
	cJSON_Delete(request->message);
	memory_free(request);
}

void turn_finish(struct turn *turn)
{
	turn_wake(turn);
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
	peer_request_begun(request->peer);
	list_append(&turn->requests, &request->link);
	return 0;
}

int turn_add(struct turn *turn, struct peer *peer, cJSON *message)
{
	return append(turn, &(struct turn_request){.peer = peer, .message = message});
}

int turn_refuse(struct turn *turn, struct peer *peer, char *reply)
{
	return append(turn, &(struct turn_request){.peer = peer, .reply = reply});
}

static bool any_writes(const struct turn *turn)
{
	for (struct list_link *at = turn->requests.head.next; at != &turn->requests.head; at = at->next)
		if (dispatch_use(list_entry(at, struct turn_request, link)->message) == USE_CHANGE)
			return true;
	return false;
}

static void move(struct turn_request *request, struct list *to)
{
	list_remove(&request->link);
	list_append(to, &request->link);
}

static void run_request(struct turn *turn, struct turn_request *request)
{
	struct peer *peer = request->peer;
	struct asker asker = {&peer->caller, peer->state != PEER_HELLO, request->importance};
	int rc = dispatch_run(&request->reply, request->message, &asker, turn->around);
	request->importance = asker.importance;
	if (asker.greeted)
		peer_greeted(peer);
	if (rc == 0)
		return;
	request->delayed = peer->held_up = true;
	move(request, &turn->parked);
}

/* Nobody is left to be given what a delayed request would take. */
static bool is_pointless(const struct turn_request *request)
{
	return request->delayed && !peer_has_listener(request->peer);
}

static void give_up(struct turn_request *request)
{
	struct peer *peer = request->peer;
	finish_request(request, false);
	peer_drain(peer); /* it may have waited for just this */
}

static bool must_wait(const struct turn_request *request)
{
	return request->peer->held_up && !(request->message && dispatch_overtakes(request->message));
}

static void wait_behind(struct turn *turn, struct turn_request *request)
{
	request->delayed = request->delayed || (request->message && dispatch_waits(request->message));
	move(request, &turn->parked);
}

static void run_requests(struct turn *turn)
{
	struct list_link *at, *following;
	list_each (at, following, &turn->requests) {
		struct turn_request *request = list_entry(at, struct turn_request, link);
		if (must_wait(request))
			wait_behind(turn, request);
		else if (is_pointless(request))
			give_up(request);
		else if (request->message)
			run_request(turn, request);
	}
}

void turn_wake(struct turn *turn)
{
	struct list_link *at, *following;
	list_each (at, following, &turn->requests) /* newer than all that is parked */
		move(list_entry(at, struct turn_request, link), &turn->parked);
	list_each (at, following, &turn->parked) {
		struct turn_request *request = list_entry(at, struct turn_request, link);
		request->peer->held_up = false;
		move(request, &turn->requests);
	}
}

/* Only what never looked at a study keeps its answer: what meant to change one has to hear that it
 * did not, and what was read may have been read from those changes. */
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
