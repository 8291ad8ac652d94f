/* The blocking link: one on a loop of its own, which runs until the answer is there or the time is
 * up. */
#ifndef SCHEMA_TRANSPORT_LINK_SYNC_H
#define SCHEMA_TRANSPORT_LINK_SYNC_H

#include "schema/transport/link.h"

struct link_sync;

/* Connects and says hello, or explains why not within `timeout_ms`: -ECONNREFUSED/-ENOENT (no
 * daemon there), -EPROTO (it refuses us), -ETIMEDOUT, -EACCES … It never comes back. */
int link_sync_create(
        struct link_sync **out, const struct link_options *options, int64_t timeout_ms, struct error *error);
void link_sync_destroy(struct link_sync *sync);

/* From now on an answer may take so long, as the greeting might `timeout_ms` at first. A daemon
 * that gives no sign of life is given up sooner, as by any link. */
void link_sync_set_patience(struct link_sync *sync, int64_t answer_ms);

#define LINK_REFUSED 1

/* A question, and where its answer goes. */
struct link_question {
	enum method_id method;
	const void *params;  /* a struct of the shape of the method's parameters */
	void *answer;        /* a struct of the shape of its result, written on success */
	struct arena *arena; /* where the answer's strings and lists live */
	int code;            /* out: of a refusal (enum wire_error), else 0 */
	/* the link's business */
	struct link_sync *sync;
	bool done;
	int status; /* 0, LINK_REFUSED, or a negative errno */
};

/* One call. 0 with the answer; LINK_REFUSED with the code and the daemon's sentence; -ETIMEDOUT
 * (the connection is given up), -ECONNRESET, -ENOMEM. */
int link_sync_call(struct link_sync *sync, struct link_question *question, struct error *error);

/* A call in two halves, so that something can be done meanwhile, or another question be asked: they
 * are answered in turn. What was sent must be waited for, and the question stays where it is until
 * then. The same outcomes. */
int link_sync_send(struct link_sync *sync, struct link_question *question, struct error *error);
int link_sync_wait(struct link_sync *sync, struct link_question *question, struct error *error);

/* The daemon's process (link_process). */
pid_t link_sync_process(const struct link_sync *sync);

/* What hello was answered; borrowed. */
const struct hello_answer *link_sync_hello(const struct link_sync *sync);

#endif
