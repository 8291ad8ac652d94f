/* Who may be what: from what a stream vouches for and a token proves, not from what a peer says. */
#ifndef DAEMON_ACCESS_ROLES_H
#define DAEMON_ACCESS_ROLES_H

#include "schema/api/hello.h"
#include "schema/transport/stream.h"

/* The roles (enum role, or'ed) that somebody of that identity may take in a hello without a token;
 * 0 = none. */
int roles_of(const struct identity *identity);

/* The roles that a token of that role gives: an admin may be all. */
int roles_of_token(enum role role);

#endif
