/* Who may be what: from what a stream vouches for, not from what its peer says. */
#ifndef DAEMON_NETWORK_ROLES_H
#define DAEMON_NETWORK_ROLES_H

#include "schema/transport/stream.h"

/* The roles (enum role, or'ed) that somebody of that identity may take in a hello; 0 = none: the
 * daemon does not talk to them. */
int roles_of(const struct identity *identity);

#endif
