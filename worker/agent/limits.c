#include "worker/agent/limits.h"

#include <stddef.h>
#include <string.h>

static double within(double value, double most)
{
	return value > 0 ? (value < most ? value : most) : 0;
}

struct run_resources limits_of(const struct run_resources *wanted)
{
	return (struct run_resources){
	        .threads = (int64_t)within((double)wanted->threads, 4096),
	        .memory_mb = (int64_t)within((double)wanted->memory_mb, 1e9),
	        .minutes = within(wanted->minutes, 1e7),
	};
}

bool limits_memory_ran_out(const struct run_resources *limits, const char *last_words)
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
