/* What this machine has, and what it lacks for a run: such runs are handed back, they did not
 * fail. */
#ifndef WORKER_AGENT_MACHINE_H
#define WORKER_AGENT_MACHINE_H

#include <stdbool.h>

#include "schema/api/hello.h"
#include "schema/base/error.h"
#include "worker/agent/run_process.h"

/* Looks for a program as execvp does. 0, or -ENOENT or -EACCES with a sentence. */
int machine_find_program(const char *program, struct error *error);

/* True when a program could not be started at all: none of it ran. */
bool machine_could_not_start(const struct run_end *end);

/* True when a program failed for want of the machine: its disk is full, unwritable or broken, or
 * the program could not be started at all. `folder` is the run's. */
bool machine_is_at_fault(const struct run_end *end, const char *folder);

/* What this machine has for programs: threads that this process may use, and memory. */
struct hello_machine machine_measure(void);

/* How many processes wanted to run, on the average of the last minute; NAN = not known. */
double machine_load(void);

#endif
