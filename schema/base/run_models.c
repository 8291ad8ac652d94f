#include "schema/base/run_models.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/base/folder.h"

bool run_models_is_model(const char *name)
{
	return strcmp(name, "model") == 0 || strncmp(name, "model.", 6) == 0;
}

/* The number of NUMBER-FOLD-ATTEMPT; −1 for a folder of another kind. */
static int64_t trial_number(const char *name)
{
	long long number = -1;
	const char *at = name;
	for (int part = 0; part < 3; part++) {
		size_t digits = strspn(at, "0123456789");
		if (digits == 0 || digits > 18 || at[digits] != (part < 2 ? '-' : '\0'))
			return -1;
		number = part == 0 ? strtoll(at, NULL, 10) : number;
		at += digits + 1;
	}
	return number;
}

static bool is_kept(const struct models_rule *rule, int64_t number)
{
	if (number < 0 || number >= rule->before)
		return true;
	for (size_t i = 0; i < rule->kept_count; i++)
		if (rule->kept[i] == number)
			return true;
	return false;
}

/* Bytes on disk, links as links. */
static int64_t size_of(int parent, const char *name)
{
	struct stat status;
	const char *inner;
	if (fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	int64_t bytes = (int64_t)status.st_blocks * 512;
	DIR *walk = S_ISDIR(status.st_mode) ? folder_walk(parent, name) : NULL;
	while (walk && (inner = folder_next(walk)))
		bytes += size_of(dirfd(walk), inner);
	if (walk)
		closedir(walk);
	return bytes;
}

static int drop_models(struct models_freed *freed, int run, bool dry)
{
	const char *name;
	int rc = 0;
	DIR *walk = folder_walk(run, ".");
	if (!walk)
		return -errno;
	while ((name = folder_next(walk))) {
		if (!run_models_is_model(name))
			continue;
		int64_t bytes = size_of(run, name);
		int removed = dry ? 0 : folder_remove(run, name);
		rc = removed < 0 ? removed : rc;
		freed->bytes += removed < 0 ? 0 : bytes;
		freed->count += removed == 0;
	}
	closedir(walk);
	return rc;
}

/* A folder that is held, is gone, or is no folder has no models of ours. */
static int drop_models_of(struct models_freed *freed, int study, const char *name, bool dry)
{
	int run = folder_hold_existing(study, name);
	if (run < 0)
		return run == -EWOULDBLOCK || run == -ENOENT || run == -ENOTDIR ? 0 : run;
	int rc = drop_models(freed, run, dry);
	close(run);
	return rc;
}

int run_models_drop(struct models_freed *freed, int study, const struct models_rule *rule)
{
	const char *name;
	int rc = 0;
	DIR *walk = folder_walk(study, ".");
	if (!walk)
		return -errno;
	while ((name = folder_next(walk))) {
		int dropped = is_kept(rule, trial_number(name)) ? 0 : drop_models_of(freed, study, name, rule->dry);
		rc = dropped < 0 ? dropped : rc;
	}
	closedir(walk);
	return rc;
}
