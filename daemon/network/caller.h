/* Who calls: what the stream vouches for, and what the hello said. */
#ifndef DAEMON_NETWORK_CALLER_H
#define DAEMON_NETWORK_CALLER_H

#include <stdbool.h>

#include "schema/api/message.h"

struct caller {
	int roles;                       /* enum role, or'ed: those that it may take */
	enum role role;                  /* that it took; 0 before a good hello */
	char *name, *session, *software; /* owned, as the hello said; NULL before */
	bool watching;
	char *watched; /* owned; the study, NULL = all */
};

/* Frees what it owns; a zeroed caller is fine. */
void caller_finish(struct caller *caller);

#endif
