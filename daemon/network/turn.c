#include "daemon/network/turn.h"

#include <assert.h>
#include <errno.h>

#include "daemon/network/lost_files.h"
#include "daemon/studies/export_job.h"
#include "daemon/studies/importance_job.h"
#include "daemon/studies/study_table.h"
#include "schema/base/log.h"
#include "schema/base/memory.h"

/* What a peer may send behind a request that waits for a job, or for the file: news of its runs are
 * heard, and whether anybody is here. */
#define HELD_UP_REQUESTS 1024
#define HELD_UP_BYTES (64u << 10)

#define PIECES_MOST 2 /* of files that move in a turn: reports do not wait behind more */

#define NOTHING_WAITS INT64_MAX
#define MS_UNITS 100 /* what a peer has had is counted in these; every request is one more */

struct turn_request {
	struct list_link link; /* peer_turn::requests, then turn::answered */
	struct peer *peer;
	cJSON *message;                    /* owned; NULL = the line was no request and reply says so */
	size_t length;                     /* of its line */
	char *reply;                       /* owned; NULL until run, or when out of memory */
	struct importance_job *importance; /* owned; what it has begun … */
	struct export_job *export;         /* … likewise */
	bool overtakes, pings;             /* dispatch_overtakes; and needs nothing of the file */
};

/* One turn under way. */
struct round {
	struct turn *turn;
	int pieces;  /* of files that were moved */
	bool begun;  /* the transaction was asked for … */
	int outcome; /* … and this came of it */
	struct error error;
	struct lost_files lost;
};

/* ---- whose turn it is ---- */

static bool is_aside(const struct peer_turn *own)
{
	return own->aside.next != NULL;
}

static bool may_run(const struct peer_turn *own, const struct turn_request *request)
{
	return is_aside(own) ? request->pings : !own->held_up || request->overtakes;
}

static struct turn_request *next_request(const struct peer *peer)
{
	struct list_link *at, *following;
	list_each (at, following, &peer->turn.requests) {
		struct turn_request *request = list_entry(at, struct turn_request, link);
		if (may_run(&peer->turn, request))
			return request;
	}
	return NULL;
}

/* Who comes back after a while has saved nothing up: it stands where the others stand. */
static void place(struct turn *turn, struct peer *peer)
{
	struct peer_turn *own = &peer->turn;
	const bool ready = !own->behind && next_request(peer);
	if (ready && own->place.key == NOTHING_WAITS && own->had < turn->served)
		own->had = turn->served;
	heap_move(&turn->peers, &own->place, ready ? own->had : NOTHING_WAITS);
}

static struct peer *next_peer(const struct turn *turn)
{
	struct heap_node *first = heap_first(&turn->peers);
	return first && first->key != NOTHING_WAITS ? list_entry(first, struct peer, turn.place) : NULL;
}

bool turn_waiting(const struct turn *turn)
{
	return next_peer(turn) != NULL;
}

/* Hears the peer further, or not: the kernel keeps what it sends, and in the end it has to wait. */
static void hear(struct peer *peer)
{
	const struct peer_turn *own = &peer->turn;
	const size_t most = own->held_up || is_aside(own) ? HELD_UP_REQUESTS : 1;
	if (own->request_count >= most || own->request_bytes >= HELD_UP_BYTES)
		peer_pause(peer);
	else
		peer_resume(peer);
}

/* They come next, in that order, whatever they have had. */
static void let_go(struct turn *turn, struct list_link *link, struct peer *peer)
{
	list_remove(link);
	peer->turn.had = turn->served;
	place(turn, peer);
}

void turn_wake(struct turn *turn)
{
	struct list_link *at, *following;
	list_each (at, following, &turn->parked) {
		struct peer *peer = list_entry(at, struct peer, turn.parked);
		peer->turn.held_up = false;
		let_go(turn, at, peer);
		turn->served++;
	}
}

void turn_retry(struct turn *turn)
{
	struct list_link *at, *following;
	list_each (at, following, &turn->aside) {
		let_go(turn, at, list_entry(at, struct peer, turn.aside));
		turn->served++;
	}
}

void turn_caught_up(struct turn *turn, struct peer *peer)
{
	peer->turn.behind = false;
	place(turn, peer);
}

/* ---- requests come and go ---- */

/* The reply goes out, or is dropped with a peer that is gone. */
static void finish_request(struct turn_request *request, bool send)
{
	list_remove(&request->link);
	if (send && request->peer->caller.refused)
		peer_refuse(request->peer, request->reply);
	else if (send)
		peer_send(request->peer, request->reply);
	else
		memory_free(request->reply);
	peer_request_done(request->peer);
	study_importance_job_destroy(request->importance);
	study_export_job_destroy(request->export);
	cJSON_Delete(request->message);
	memory_free(request);
}

static void take_off(struct turn_request *request)
{
	struct peer_turn *own = &request->peer->turn;
	list_remove(&request->link);
	own->request_count--;
	own->request_bytes -= request->length;
}

static int append(struct turn *turn, const struct turn_request *wanted)
{
	struct peer_turn *own = &wanted->peer->turn;
	struct turn_request *request = memory_alloc(1, sizeof *request);
	if (!request) {
		cJSON_Delete(wanted->message);
		memory_free(wanted->reply);
		return -ENOMEM;
	}
	*request = *wanted;
	request->overtakes = request->message && dispatch_overtakes(request->message);
	request->pings = request->overtakes && dispatch_use(request->message) == USE_NONE;
	peer_request_begun(request->peer);
	list_append(&own->requests, &request->link);
	own->request_count++;
	own->request_bytes += request->length;
	place(turn, request->peer);
	hear(request->peer);
	return 0;
}

int turn_add(struct turn *turn, struct peer *peer, cJSON *message, size_t length)
{
	return append(turn, &(struct turn_request){.peer = peer, .message = message, .length = length});
}

int turn_refuse(struct turn *turn, struct peer *peer, char *reply)
{
	return append(turn, &(struct turn_request){.peer = peer, .reply = reply});
}

/* ---- one turn ---- */

static void run_request(struct round *round, struct turn_request *request)
{
	struct peer *peer = request->peer;
	struct asker asker = {
	        &peer->caller, peer->state != PEER_HELLO, request->importance, request->export, &round->lost, -1};
	round->pieces += request->message && dispatch_is_bulky(request->message);
	int rc = request->message ? dispatch_run(&request->reply, request->message, &asker, round->turn->around) : 0;
	request->importance = asker.importance;
	request->export = asker.export;
	if (asker.greeted)
		peer_greeted(peer, round->turn->around->lease_ms);
	if (rc == 0) {
		take_off(request);
		list_append(&round->turn->answered, &request->link);
		if (asker.method >= 0)
			round->turn->figures.calls[asker.method]++;
	} else {
		peer->turn.held_up = true;
		list_append(&round->turn->parked, &peer->turn.parked);
	}
}

/* Nobody is left to hear the answer, and nothing but the answer comes of it. What the peer told
 * counts, unless it was refused. */
static bool is_pointless(const struct turn_request *request)
{
	const cJSON *message = request->message;
	const bool tells = message && dispatch_use(message) == USE_CHANGE && !dispatch_waits(message);
	return request->peer->caller.refused || (!tells && !peer_has_listener(request->peer));
}

static void give_up(struct turn_request *request)
{
	take_off(request);
	finish_request(request, false);
}

/* The first request that changes something opens the turn's transaction; who waited for the file
 * comes in with it. */
static int begin(struct round *round)
{
	if (round->begun)
		return round->outcome;
	round->begun = true;
	round->outcome = study_table_begin(round->turn->around->table, &round->error);
	if (round->outcome == 0)
		turn_retry(round->turn);
	return round->outcome;
}

static bool is_locked_out(struct round *round, const struct turn_request *request)
{
	return request->message && dispatch_use(request->message) == USE_CHANGE && begin(round) == STUDIES_BUSY;
}

static bool has_failed(const struct round *round)
{
	return round->outcome != 0 && round->outcome != STUDIES_BUSY;
}

/* Runs the peer's next request, or finds that it has to wait or need not run. */
static void serve(struct round *round, struct peer *peer)
{
	struct turn_request *request = next_request(peer);
	if (is_pointless(request)) {
		give_up(request);
		peer->turn.had--; /* it has had nothing of this turn */
	} else if (peer_is_behind(peer)) {
		peer->turn.behind = true;
	} else if (is_locked_out(round, request)) {
		list_append(&round->turn->aside, &peer->turn.aside);
	} else if (has_failed(round)) {
		take_off(request);
		list_append(&round->turn->answered, &request->link);
	} else {
		run_request(round, request);
	}
	place(round->turn, peer);
	hear(peer);
}

static int64_t now_ms(const struct turn *turn)
{
	struct clock *clock = turn->around->clock;
	return clock->monotonic(clock).ms;
}

static void serve_all(struct round *round)
{
	struct turn *turn = round->turn;
	struct peer *peer;
	const int64_t start_ms = now_ms(turn);
	for (int64_t before_ms = start_ms, after_ms; before_ms - start_ms < TURN_MS && round->pieces < PIECES_MOST &&
	                                             !has_failed(round) && (peer = next_peer(turn));
	        before_ms = after_ms) {
		turn->served = peer->turn.place.key;
		serve(round, peer);
		after_ms = now_ms(turn);
		peer->turn.had += 1 + MS_UNITS * (after_ms - before_ms);
		place(turn, peer);
	}
}

/* Only what never looked at a study keeps its answer: what meant to change one has to hear that it
 * did not, and what was read may have been read from those changes. */
static void replace_replies(struct turn *turn, const char *why)
{
	struct list_link *at, *following;
	list_each (at, following, &turn->answered) {
		struct turn_request *request = list_entry(at, struct turn_request, link);
		if (request->reply && dispatch_use(request->message) == USE_NONE)
			continue;
		memory_free(request->reply);
		request->reply = dispatch_not_committed(request->message, why);
		if (dispatch_admits(request->message)) /* it was let in by a use that nobody counted */
			peer_drain(request->peer);
	}
}

static void send_replies(struct turn *turn)
{
	while (!list_empty(&turn->answered))
		finish_request(list_entry(turn->answered.head.next, struct turn_request, link), true);
}

int turn_run(struct turn *turn)
{
	struct round round = {.turn = turn, .error = {""}};
	const int64_t start_ns = clock_measure_ns();
	serve_all(&round);
	if (round.begun && round.outcome == 0)
		round.outcome = study_table_commit(turn->around->table, &round.error);
	if (has_failed(&round)) {
		lost_files_finish(&round.lost);
		log_error("nothing of this turn was kept: %s", round.error.text);
		replace_replies(turn, round.error.text);
	}
	lost_files_remove(&round.lost, turn->around);
	send_replies(turn);
	duration_counts_add(&turn->figures.turns, clock_measure_ns() - start_ns);
	return list_empty(&turn->aside) ? 0 : STUDIES_BUSY;
}

/* ---- life ---- */

void turn_init(struct turn *turn, const struct surroundings *around)
{
	*turn = (struct turn){.around = around, .figures.since = around->clock->monotonic(around->clock)};
	list_init(&turn->parked);
	list_init(&turn->aside);
	list_init(&turn->answered);
}

int turn_make_room(struct turn *turn)
{
	return heap_reserve(&turn->peers);
}

void turn_enter(struct turn *turn, struct peer *peer)
{
	list_init(&peer->turn.requests);
	peer->turn.place.key = NOTHING_WAITS;
	peer->turn.had = turn->served;
	int rc = heap_insert(&turn->peers, &peer->turn.place);
	assert(rc == 0);
	(void)rc;
}

void turn_leave(struct turn *turn, struct peer *peer)
{
	list_remove(&peer->turn.parked);
	list_remove(&peer->turn.aside);
	heap_remove(&turn->peers, &peer->turn.place);
}

void turn_finish(struct turn *turn)
{
	struct heap_node *first;
	while ((first = heap_first(&turn->peers))) {
		struct peer *peer = list_entry(first, struct peer, turn.place);
		while (!list_empty(&peer->turn.requests))
			give_up(list_entry(peer->turn.requests.head.next, struct turn_request, link));
		turn_leave(turn, peer);
	}
	heap_finish(&turn->peers);
}
