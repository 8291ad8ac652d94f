/* A client's side of a stream: connects, says hello, calls, and comes back after a loss if it is
 * to. For a libuv loop; link_sync.h has the same for one call after another.
 *
 *   down ──▶ connecting ──▶ greeting (hello sent) ──▶ up          link_destroy leads from anywhere to closed
 *    ▲───────────┴──────────────┴──────── lost ──────┘
 *
 * A daemon that is gone may say nothing at all. While a call is out and not a byte came for a third
 * of a lease (5 s at least), it is asked whether it is there; after as long again the link is
 * lost. */
#ifndef SCHEMA_TRANSPORT_LINK_H
#define SCHEMA_TRANSPORT_LINK_H

#include <cjson/cJSON.h>
#include <stdint.h>
#include <uv.h>

#include "schema/api/event.h"
#include "schema/api/message.h"
#include "schema/base/error.h"
#include "schema/base/rng.h"
#include "schema/transport/calls.h"

struct link;

/* Where and as whom. Strings are copied. */
struct link_options {
	const char *address; /* of a daemon, see address.h; over the network its token says who one is */
	enum role role;
	const char *name;             /* of this worker or person: shown in `workers`; NULL = none */
	struct hello_machine machine; /* that a worker has; zeroes = it does not say */
	const char *session; /* of another connection of the same peer, to be a second one of it; NULL = a new one */
	bool comes_back;     /* connects again after a loss, as often as it takes, and goes on with its session */
};

/* From the loop; any may be NULL. */
struct link_events {
	/* Hello was answered: calls may be made. */
	void (*up)(void *context, const struct hello_answer *hello);
	/* A notification from `watch`. */
	void (*event)(void *context, const struct study_event *event);
	/* There is no connection, or no longer; calls that were out have heard of it. The last call
	 * unless the link comes back; the link may be destroyed in it. Why: -ECONNRESET when the
	 * daemon hung up, -EPROTO when it refused the hello or spoke nonsense, -EKEYEXPIRED when it
	 * refused the token, -EKEYREJECTED when somebody else is there, -ETIMEDOUT when nothing is
	 * heard any more, or what was said
	 * while connecting, reading or writing; and a sentence. */
	void (*down)(void *context, int why, const char *reason);
	void *context;
};

/* Starts to connect on `loop` and says hello by itself. 0; -EINVAL or -ENAMETOOLONG for an address
 * that makes no sense, or what kept it from starting, with a sentence. */
int link_create(struct link **out, uv_loop_t *loop, const struct link_options *options,
        const struct link_events *events, struct error *error);

/* Hangs up for good (no further callbacks); the loop frees it in a later turn. NULL is fine. */
void link_destroy(struct link *link);

/* True between `up` and `down`; false for NULL. */
bool link_is_up(const struct link *link);

/* The process at the other end of a Unix socket, as the kernel says; 0 while down, over the
 * network, or where this machine's processes are not that one's. */
pid_t link_process(const struct link *link);

/* One request and who hears the answer. */
struct link_request {
	enum method_id method;
	const void *params; /* a struct of the shape of the method's parameters; borrowed for the call */
	double id; /* 0 = the link counts; or the caller's, to repeat a request under the same id after a loss */
	call_reply_function *reply;
	void *context;
};

/* Sends a request; its `reply` is called once, also when the connection is lost. 0; -ENOTCONN while
 * down, -ENOBUFS when too much is unsent, -EMSGSIZE when it is longer than a line may be, -ENOMEM:
 * then `reply` is not called. */
int link_call(struct link *link, const struct link_request *request);

/* How long to wait before the next attempt, in ms: 100 · 2^failures up to 15 s, times a draw from
 * [0.5, 1.5). */
uint64_t link_pause_ms(int failure_count, struct rng *rng);

#endif
