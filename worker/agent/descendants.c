#include "worker/agent/descendants.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"

#define RESIDENT_FIELD 24 /* of /proc/PID/stat, counted from 1 (proc(5)) */
#define GROUP_FIELD 5
#define PARENT_FIELD 4

/* The beginning of /proc/PID/NAME; false when that process is gone or is not shown. */
static bool read_about(char *out, size_t room, pid_t pid, const char *name)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%ld/%s", (long)pid, name);
	int file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = file < 0 ? -1 : read(file, out, room - 1);
	if (file >= 0)
		close(file);
	out[length > 0 ? length : 0] = '\0';
	return length > 0;
}

/* A program's name may have blanks and brackets in it; behind its last bracket comes field 3. */
static bool read_stat(struct descendant *out, pid_t pid)
{
	char stat[1024];
	if (!read_about(stat, sizeof stat, pid, "stat"))
		return false;
	const char *at = strrchr(stat, ')');
	*out = (struct descendant){.pid = pid};
	for (int field = 2; at && field < RESIDENT_FIELD;) {
		at = strchr(at, ' ');
		at += at != NULL;
		field++;
		if (at && field == PARENT_FIELD)
			out->parent = (pid_t)strtol(at, NULL, 10);
		if (at && field == GROUP_FIELD)
			out->group = (pid_t)strtol(at, NULL, 10);
	}
	out->memory_bytes = at ? strtoll(at, NULL, 10) * sysconf(_SC_PAGESIZE) : 0;
	return at != NULL;
}

static int list_all(struct descendants *out)
{
	const struct dirent *entry;
	int rc = 0;
	DIR *walk = opendir("/proc");
	if (!walk)
		return -errno;
	while (rc == 0 && (entry = readdir(walk))) {
		struct descendant found;
		if (!isdigit((unsigned char)*entry->d_name) ||
		        !read_stat(&found, (pid_t)strtol(entry->d_name, NULL, 10)))
			continue;
		rc = array_reserve(out->items, &out->capacity, out->count + 1);
		if (rc == 0)
			out->items[out->count++] = found;
	}
	closedir(walk);
	return rc;
}

static bool is_below(const struct descendants *kept, size_t count, pid_t root, pid_t parent)
{
	for (size_t i = 0; i < count; i++)
		if (kept->items[i].pid == parent)
			return true;
	return parent == root;
}

/* Moves those below `root` to the front, generation by generation. */
static void keep_those_below(struct descendants *all, pid_t root)
{
	size_t kept = 0, before;
	do {
		before = kept;
		for (size_t i = kept; i < all->count; i++) {
			if (!is_below(all, kept, root, all->items[i].parent))
				continue;
			struct descendant found = all->items[i];
			all->items[i] = all->items[kept];
			all->items[kept++] = found;
		}
	} while (kept > before);
	all->count = kept;
}

int descendants_init(struct descendants *out, pid_t root)
{
	struct descendants all = DESCENDANTS_NULL;
	int rc = list_all(&all);
	if (rc < 0) {
		descendants_finish(&all);
		return rc;
	}
	keep_those_below(&all, root);
	*out = all;
	return 0;
}

void descendants_finish(struct descendants *descendants)
{
	memory_free(descendants->items);
	*descendants = DESCENDANTS_NULL;
}

/* The process's share of what it has resident, a page of two counting half; the whole where the
 * kernel does not tell. */
static int64_t share_of(const struct descendant *one)
{
	char rollup[2048];
	const char *line =
	        read_about(rollup, sizeof rollup, one->pid, "smaps_rollup") ? strstr(rollup, "\nPss:") : NULL;
	return line ? strtoll(line + strlen("\nPss:"), NULL, 10) << 10 : one->memory_bytes;
}

int64_t descendants_memory(const struct descendants *descendants, int64_t enough)
{
	int64_t resident = 0, share = 0;
	for (size_t i = 0; i < descendants->count; i++)
		resident += descendants->items[i].memory_bytes;
	for (size_t i = 0; i < descendants->count && resident > enough; i++)
		share += share_of(&descendants->items[i]);
	return resident > enough ? share : resident;
}
