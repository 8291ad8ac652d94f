#include "worker/agent/limits.h"

#include <stddef.h>
#include <string.h>

#include "schema/space/json.h"

static double at_least_zero(const cJSON *resources, const char *key, double most)
{
	double value = json_double(resources, key, 0);
	return value > 0 ? (value < most ? value : most) : 0;
}

struct limits limits_read(const cJSON *resources)
{
	return (struct limits){
	        .threads = (int64_t)at_least_zero(resources, "threads", 4096),
	        .memory_mb = (int64_t)at_least_zero(resources, "memory_mb", 1e9),
	        .minutes = at_least_zero(resources, "minutes", 1e7),
	};
}

bool limits_memory_ran_out(const struct limits *limits, const char *last_words)
{
	static const char *const phrases[] = {"MemoryError", "bad_alloc", "out of memory", "Out of memory",
	        "annot allocate memory", "memory exhausted"};
	if (!limits->memory_mb)
		return false;
	for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++)
		if (strstr(last_words, phrases[i]))
			return true;
	return false;
}
