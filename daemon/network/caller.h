/* Who calls: what the stream vouches for, and what the hello said. */
#ifndef DAEMON_NETWORK_CALLER_H
#define DAEMON_NETWORK_CALLER_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/api/message.h"

struct caller {
	bool local;                      /* came by the Unix socket: its disk is the daemon's */
	int64_t holder;                  /* whose leases it may speak for: 0 = this machine's user, else a token's id */
	int roles;                       /* enum role, or'ed: those that it may take */
	enum role role;                  /* that it took; 0 before a good hello */
	char *name, *session, *software; /* owned, as the hello said; NULL before */
	bool watching;
	char *watched; /* owned; the study, NULL = all */
};

/* Frees what it owns; a zeroed caller is fine. */
void caller_finish(struct caller *caller);

#endif
