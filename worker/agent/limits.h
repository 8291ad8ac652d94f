/* What a run may use of this machine: the study's `resources`. Threads go by environment, memory by
 * the kernel, time by a timer. */
#ifndef WORKER_AGENT_LIMITS_H
#define WORKER_AGENT_LIMITS_H

#include <stdbool.h>

#include "schema/api/work.h"

/* The same within what makes sense here; 0 = no limit. */
struct run_resources limits_of(const struct run_resources *wanted);

/* True when a failed program's last words say that memory ran out, and the run had a limit. */
bool limits_memory_ran_out(const struct run_resources *limits, const char *last_words);

#endif
