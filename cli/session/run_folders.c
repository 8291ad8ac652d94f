#include "cli/session/run_folders.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/base/folder.h"
#include "schema/base/home.h"
#include "schema/transport/address_home.h"

/* Other programs may have written a study of any name into the trial file; workers make no folder
 * for such a one. */
static bool has_folder(const char *study)
{
	return *study && *study != '.' && !strchr(study, '/');
}

const char *run_folders_find(struct session *session, const char *study, int64_t number, const struct run_summary *run)
{
	struct stat status;
	if (!has_folder(study) || address_is_strange(session->address, session->home))
		return NULL;
	const char *path = arena_printf(&session->arena, "%s/" HOME_RUNS "/%s/%lld-%lld-%lld", session->home, study,
	        (long long)number, (long long)run->fold, (long long)run->attempt);
	bool there = path && lstat(path, &status) == 0 && S_ISDIR(status.st_mode);
	return there ? path : NULL;
}

static int remove_all(size_t *held, int runs, const char *study)
{
	const char *name;
	int rc = 0;
	DIR *walk = folder_walk(runs, study);
	while (walk && (name = folder_next(walk))) {
		int removed = folder_remove_unless_held(dirfd(walk), name);
		*held += removed == -EWOULDBLOCK;
		if (removed < 0 && removed != -EWOULDBLOCK)
			rc = removed;
	}
	if (walk)
		closedir(walk);
	if (rc == 0 && *held == 0)
		rc = folder_remove(runs, study);
	return rc;
}

/* HOME/runs; -ENOENT also for a name that has no folder there. */
static int open_runs(const char *home, const char *study)
{
	int folder = has_folder(study) ? open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	int runs = folder < 0 ? -ENOENT : folder_open(folder, HOME_RUNS);
	if (folder >= 0)
		close(folder);
	return runs;
}

int run_folders_drop_models(
        struct models_freed *freed, const char *home, const char *study, const struct models_rule *rule)
{
	int runs = open_runs(home, study);
	int folder = runs < 0 ? runs : folder_open(runs, study);
	if (runs >= 0)
		close(runs);
	if (folder < 0)
		return folder == -ENOENT ? 0 : folder;
	int rc = run_models_drop(freed, folder, rule);
	close(folder);
	return rc;
}

int run_folders_remove(size_t *held, const char *home, const char *study)
{
	*held = 0;
	int runs = open_runs(home, study);
	if (runs < 0)
		return runs == -ENOENT ? 0 : runs;
	int rc = remove_all(held, runs, study);
	close(runs);
	return rc;
}
