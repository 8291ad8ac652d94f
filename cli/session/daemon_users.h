/* The command lines that use a daemon at the moment, as a lock that they share: a daemon that one
 * of them started for itself is ended by the last one, not under the others. */
#ifndef CLI_SESSION_DAEMON_USERS_H
#define CLI_SESSION_DAEMON_USERS_H

#include <stdbool.h>

/* Joins them; waits while the last one is ending the daemon. A descriptor to close in the end, or
 * 0 where there is no home or it cannot be had. */
int daemon_users_join(const char *home);

/* Notes for all of them what becomes of the daemon; the strongest word counts, as long as it lives.
 * A daemon begins without any (daemon/home.c), and then it stays. */
enum daemon_fate { DAEMON_ENDS = 1, DAEMON_STAYS };
void daemon_users_mark(int users, enum daemon_fate fate);

/* True when nobody else is left and the daemon is to end; others wait to join until the descriptor
 * is closed. */
bool daemon_users_is_last(int users);

#endif
