#include "worker/agent/checkpoint_set.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "schema/base/folder.h"
#include "schema/base/log.h"
#include "schema/study/artifact.h"

static bool is_whole(const struct assigned_run *run, const struct found_file *found)
{
	for (size_t i = 0; i < run->checkpoint.count; i++)
		if (!found[i].path || !artifact_name_is_good(run->checkpoint.items[i].name))
			return false;
	return run->checkpoint.count > 0;
}

static bool is_empty(int folder)
{
	DIR *walk = folder_walk(folder, ".");
	const bool empty = !walk || !folder_next(walk);
	if (walk)
		closedir(walk);
	return empty;
}

/* The folders of attempts stay when they have ended; those of an older study of that name too, but
 * it kept nothing in this run's. */
static bool was_kept_here(const struct assigned_run *run, const struct run_folder *folder)
{
	char path[PATH_MAX];
	const char *end = strrchr(folder->path, '/');
	int length = snprintf(path, sizeof path, "%.*s/%lld-%lld-%lld", (int)(end - folder->path), folder->path,
	        (long long)run->number, (long long)run->fold, (long long)run->checkpoint_attempt);
	return length < (int)sizeof path && access(path, F_OK) == 0 && !is_empty(folder->checkpoint_lock);
}

static int copy(int parent, const char *name, const char *from, int64_t size_bytes)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = in < 0 ? -1 : openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int rc = out < 0 ? -errno : 0;
	for (int64_t left = size_bytes; rc == 0 && left > 0;) {
		ssize_t sent = sendfile(out, in, NULL, (size_t)left);
		rc = sent < 0 ? (errno == EINTR ? 0 : -errno) : sent == 0 ? -EIO : 0;
		left -= sent > 0 ? sent : 0;
	}
	if (in >= 0)
		close(in);
	if (out >= 0 && close(out) < 0 && rc == 0)
		rc = -errno;
	return rc;
}

/* Folders on the way are made. */
static int place(int top, const struct run_file *file, const char *from)
{
	char part[ARTIFACT_NAME_MAX + 1];
	const char *name = file->name, *slash;
	int folder = fcntl(top, F_DUPFD_CLOEXEC, 0), rc = folder < 0 ? -errno : 0;
	while (rc == 0 && (slash = strchr(name, '/'))) {
		memcpy(part, name, (size_t)(slash - name));
		part[slash - name] = '\0';
		int below = folder_make(folder, part);
		close(folder);
		folder = below;
		rc = below < 0 ? below : 0;
		name = slash + 1;
	}
	if (rc == 0)
		rc = copy(folder, name, from, file->size_bytes);
	if (folder >= 0)
		close(folder);
	return rc;
}

void checkpoint_set_place(
        const struct assigned_run *run, const struct found_file *found, const struct run_folder *folder)
{
	if (!is_whole(run, found) || was_kept_here(run, folder))
		return;
	int rc = folder_empty(folder->checkpoint_lock);
	for (size_t i = 0; rc == 0 && i < run->checkpoint.count; i++)
		rc = place(folder->checkpoint_lock, &run->checkpoint.items[i], found[i].path);
	if (rc == 0) {
		log_info("%s %lld: it goes on from what attempt %lld kept", run->study, (long long)run->number,
		        (long long)run->checkpoint_attempt);
		return;
	}
	folder_empty(folder->checkpoint_lock);
	log_warning("%s %lld: what attempt %lld kept cannot be placed here, so it begins anew: %s", run->study,
	        (long long)run->number, (long long)run->checkpoint_attempt, strerror(-rc));
}
