#define _GNU_SOURCE /* sched_getaffinity, getloadavg */
#include "worker/agent/machine.h"

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define LEAST_FREE_BYTES 65536
#define USUAL_PATH "/usr/local/bin:/usr/bin:/bin"

static bool can_run(const char *folder, size_t length, const char *program)
{
	char path[4096];
	int count = snprintf(path, sizeof path, "%.*s%s%s", (int)length, folder, length ? "/" : "./", program);
	return count < (int)sizeof path && access(path, X_OK) == 0;
}

static bool is_on_path(const char *program)
{
	const char *at = getenv("PATH");
	for (at = at ? at : USUAL_PATH; at; at = *at == ':' ? at + 1 : NULL) {
		size_t length = strcspn(at, ":");
		if (can_run(at, length, program))
			return true;
		at += length;
	}
	return false;
}

int machine_find_program(const char *program, struct error *error)
{
	if (strchr(program, '/') && access(program, X_OK) < 0)
		return error_set(error, -errno, "this machine cannot run %s: %s", program, strerror(errno));
	if (strchr(program, '/') || is_on_path(program))
		return 0;
	bool other = strcmp(program, "python") == 0 && is_on_path("python3");
	return error_set(error, -ENOENT, "this machine has no program '%s'%s", program,
	        other ? ", but python3: name that in the study's command" : " on its PATH");
}

static bool disk_is_full(const char *folder)
{
	struct statvfs disk;
	return statvfs(folder, &disk) == 0 && disk.f_blocks > 0 &&
	       (unsigned long long)disk.f_bavail * disk.f_frsize < LEAST_FREE_BYTES;
}

/* What the supervisor says, and env, which W&B's command begins with. */
bool machine_could_not_start(const struct run_end *end)
{
	static const char *const starts[] = {"cannot start '", "/usr/bin/env: ", "env: "};
	if (end->exit_code != 127 && end->exit_code != 126)
		return false;
	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
		if (strncmp(end->last_words, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

static bool speaks_of_the_disk(const char *words)
{
	static const char *const phrases[] = {"No space left on device", "Disk quota exceeded", "Read-only file system",
	        "Input/output error", "Too many open files in system", "File too large"};
	for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++)
		if (strstr(words, phrases[i]))
			return true;
	return false;
}

bool machine_is_at_fault(const struct run_end *end, const char *folder)
{
	if (end->timed_out)
		return false;
	return machine_could_not_start(end) || speaks_of_the_disk(end->last_words) || disk_is_full(folder);
}

struct hello_machine machine_measure(void)
{
	cpu_set_t allowed;
	const int64_t pages = sysconf(_SC_PHYS_PAGES), page_bytes = sysconf(_SC_PAGESIZE);
	const bool known = sched_getaffinity(0, sizeof allowed, &allowed) == 0;
	return (struct hello_machine){.threads = known ? CPU_COUNT(&allowed) : 0,
	        .memory_mb = pages > 0 && page_bytes > 0 ? pages * page_bytes / 1000000 : 0};
}

double machine_load(void)
{
	double load;
	return getloadavg(&load, 1) == 1 ? load : (double)NAN;
}
