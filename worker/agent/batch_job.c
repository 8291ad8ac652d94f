#define _GNU_SOURCE /* sched_getaffinity */
#include "worker/agent/batch_job.h"

#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>

/* A variable that says something, or NULL. */
static const char *said(const char *name)
{
	const char *value = getenv(name);
	return value && *value ? value : NULL;
}

const char *batch_job_name(struct arena *arena)
{
	const char *job = said("SLURM_ARRAY_JOB_ID"), *task = said("SLURM_ARRAY_TASK_ID");
	if (job && task)
		return arena_printf(arena, "slurm-%s-%s", job, task);
	job = said("SLURM_JOB_ID");
	return job ? arena_printf(arena, "slurm-%s", job) : NULL;
}

/* Slurm says it only where CPUs per task were asked for; the binding says it otherwise. */
static int64_t given_cpus(void)
{
	const char *per_task = said("SLURM_CPUS_PER_TASK");
	cpu_set_t bound;
	if (per_task && atol(per_task) > 0)
		return atol(per_task);
	return sched_getaffinity(0, sizeof bound, &bound) == 0 ? CPU_COUNT(&bound) : 1;
}

int64_t batch_job_threads(int64_t slot_count)
{
	int64_t share = said("SLURM_JOB_ID") ? given_cpus() / slot_count : 1;
	return share > 1 ? share : 1;
}
