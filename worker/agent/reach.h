/* The daemon that does not answer: whether one may still come, and how that is said. */
#ifndef WORKER_AGENT_REACH_H
#define WORKER_AGENT_REACH_H

#include <stdbool.h>

#include "schema/api/hello.h"

/* True when somebody is there who does not let us in, or who is not believed: waiting changes
 * nothing. */
bool reach_is_refused(int why);

/* True where a daemon may still be starting: over the network when nobody is there, on this machine
 * where there is its folder, and a socket or nothing in it. */
bool reach_may_come(const char *address, int why);

/* True when the daemon's home is that folder. */
bool reach_is_home(const char *address, const char *home);

/* Says in the log that the daemon's clock is another one, if it is off by more than a minute:
 * nothing goes by it but dates. */
void reach_compare_clocks(const struct hello_answer *hello);

/* Says in the log what is there instead, without the secret of the address. */
void reach_complain(const char *address, int why, const char *reason);

#endif
