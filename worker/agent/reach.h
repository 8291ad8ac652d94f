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

/* Takes note of a hello: *epoch is 0 before the first one. True when the trial file has another
 * life than at the hello before: a backup was put back, and the runs of before are nobody's or
 * others'. The log says so, and, at the first hello, that the daemon's clock is off by more than a
 * minute: nothing goes by it but dates. */
bool reach_is_another_life(int64_t *epoch, const struct hello_answer *hello);

/* Says in the log what is there instead, without the secret of the address. */
void reach_complain(const char *address, int why, const char *reason);

#endif
