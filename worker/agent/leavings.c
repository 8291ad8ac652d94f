#include "worker/agent/leavings.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "schema/base/file_hash.h"
#include "schema/base/folder.h"

#define DEPTH_MAX 8
#define UNDER_WAY ".part"

struct leavings_walk {
	struct leavings *out;
	const struct leavings_search *search;
	struct arena *arena;
};

static int add(struct leavings_walk *walk, const char *name)
{
	char sha256[SHA256_HEX_BYTES];
	int64_t size_bytes;
	struct leavings *out = walk->out;
	const char *path = arena_printf(walk->arena, "%s/%s", walk->search->folder, name);
	if (!path)
		return -ENOMEM;
	if (out->count == ARTIFACTS_OF_RUN_MAX || file_hash(sha256, &size_bytes, path) < 0)
		return 0;
	struct offered_artifact *items = arena_grow(walk->arena, out->items, out->count, sizeof *items);
	const char *copy = arena_strdup(walk->arena, sha256);
	if (!items || !copy)
		return -ENOMEM;
	items[out->count++] = (struct offered_artifact){name, copy, size_bytes};
	out->items = items;
	return 0;
}

static bool is_looked_for(const struct leavings_search *search, const char *name, const char *entry)
{
	const size_t length = strlen(entry), suffix = strlen(UNDER_WAY);
	if (!artifact_name_is_good(name))
		return false;
	if (!search->any)
		return artifact_kind_of(name) != ARTIFACT_OTHER;
	return *entry != '.' && (length < suffix || strcmp(entry + length - suffix, UNDER_WAY) != 0);
}

static int look_in(struct leavings_walk *walk, int parent, const char *prefix, int depth);

static int look_at(struct leavings_walk *walk, int folder, const char *prefix, const char *entry, int depth)
{
	struct stat status;
	const char *name = arena_printf(walk->arena, "%s%s%s", prefix, *prefix ? "/" : "", entry);
	if (!name)
		return -ENOMEM;
	if (!is_looked_for(walk->search, name, entry) || fstatat(folder, entry, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (S_ISDIR(status.st_mode) && depth < DEPTH_MAX)
		return look_in(walk, folder, name, depth + 1);
	return S_ISREG(status.st_mode) ? add(walk, name) : 0;
}

static int look_in(struct leavings_walk *walk, int parent, const char *prefix, int depth)
{
	const char *slash = strrchr(prefix, '/'), *entry;
	DIR *listing = folder_walk(parent, *prefix ? (slash ? slash + 1 : prefix) : ".");
	int rc = 0;
	while (listing && rc == 0 && (entry = folder_next(listing)))
		rc = atomic_load(walk->search->stop) ? -ECANCELED : look_at(walk, dirfd(listing), prefix, entry, depth);
	if (listing)
		closedir(listing);
	return rc;
}

int leavings_find(struct leavings *out, const struct leavings_search *search, struct arena *arena)
{
	struct leavings found = {0};
	struct leavings_walk walk = {&found, search, arena};
	DIR *top = folder_walk(AT_FDCWD, search->folder);
	int rc = top ? look_in(&walk, dirfd(top), "", 0) : 0;
	if (top)
		closedir(top);
	if (rc == 0)
		*out = found;
	return rc;
}
