/* The line by which another machine joins in: an address with a token of its own. */
#ifndef CLI_SESSION_JOIN_LINE_H
#define CLI_SESSION_JOIN_LINE_H

#include "cli/session/session.h"
#include "schema/api/access.h"

/* What is wished. */
struct join_wish {
	struct token_create_request token;
	struct option_texts hosts; /* by which others reach this machine; none: its own names */
	int64_t port;              /* to listen at; −1 = as before, else the usual one */
};

/* What came of it; strings are in the session's arena. */
struct join_line {
	const char *address, *id;
	struct walltime expires; /* 0 = never */
};

/* Makes a token, and has the daemon listen where it does not yet, which is said. Returns an exit
 * code; failures are said. */
int join_line_make(struct join_line *out, struct session *session, const struct join_wish *wish);

#endif
