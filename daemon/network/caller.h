/* Who calls: what the stream vouches for, and what the hello said. */
#ifndef DAEMON_NETWORK_CALLER_H
#define DAEMON_NETWORK_CALLER_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/api/message.h"

#define CALLER_FROM_BYTES 64 /* the NUL included */

struct caller {
	bool local;                      /* came by the Unix socket: its disk is the daemon's */
	char from[CALLER_FROM_BYTES];    /* the address that it comes from; "" = this machine */
	int64_t holder;                  /* whose leases it may speak for: 0 = this machine's user, else a token's id */
	char *limit;                     /* owned; the only study that its token is for, NULL = all */
	struct walltime expires;         /* its token; 0 = never */
	bool refused;                    /* showed a token that is none: it is answered late and hung up on */
	bool revoked;                    /* its token was revoked after it came in */
	int roles;                       /* enum role, or'ed: those that it may take */
	enum role role;                  /* that it took; 0 before a good hello */
	char *name, *session, *software; /* owned, as the hello said; NULL before */
	struct hello_machine machine;    /* as the hello said; zeroes where it did not */
	bool watching;
	char *watched; /* owned; the study, NULL = all */
};

/* Frees what it owns; a zeroed caller is fine. */
void caller_finish(struct caller *caller);

#endif
