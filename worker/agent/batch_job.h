/* The job of a batch system that this worker is, if it is one: Slurm tells it by the environment.
 * An array's tasks are workers like any other, but nobody knows them by the host they landed on. */
#ifndef WORKER_AGENT_BATCH_JOB_H
#define WORKER_AGENT_BATCH_JOB_H

#include <stdint.h>

#include "schema/base/arena.h"

/* slurm-JOB or slurm-JOB-TASK, in the arena; NULL outside of a job (and without memory). */
const char *batch_job_name(struct arena *arena);

/* The threads that each of `slot_count` runs may have of what the job was given, at least 1: its
 * CPUs per task, or those that the job is bound to; outside of a job 1. */
int64_t batch_job_threads(int64_t slot_count);

#endif
