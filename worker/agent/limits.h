/* What a run may use of this machine: the study's `resources`. Threads go by environment, memory by the kernel, time by a
 * timer. */
#ifndef WORKER_AGENT_LIMITS_H
#define WORKER_AGENT_LIMITS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

struct limits {
	int64_t threads;   /* 0 = as the program likes */
	int64_t memory_mb; /* of address space; 0 = no limit */
	double minutes;    /* 0 = no limit */
};

/* Reads `resources` (NULL or keys absent = no limit). */
struct limits limits_read(const cJSON *resources);

/* True when a failed program's last words say that memory ran out. */
bool limits_memory_ran_out(const struct limits *limits, const char *last_words);

#endif
