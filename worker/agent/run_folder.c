#include "worker/agent/run_folder.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/base/file.h"
#include "schema/base/home.h"
#include "schema/base/text.h"
#include "schema/space/json.h"
#include "schema/space/json_parse.h"
#include "worker/agent/checkpoint_folder.h"
#include "worker/agent/sweep_params.h"

/* mkdir -p, each part private. */
static int make_path(char *path)
{
	for (char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
		if (slash)
			*slash = '\0';
		int rc = mkdir(path, 0700) < 0 && errno != EEXIST ? -errno : 0;
		if (slash)
			*slash = '/';
		if (rc < 0 || !slash)
			return rc;
	}
}

static int write_file(const char *path, struct text *text, struct error *error)
{
	int rc = text->failed ? error_no_memory(error) : file_write_private(path, text->data, text->length, error);
	text_finish(text);
	return rc;
}

/* Programs read the first as JSON, W&B's the second as YAML. */
static int write_params(const struct run_folder *folder, const char *json, struct error *error)
{
	struct text params = TEXT_NULL, sweep = TEXT_NULL;
	cJSON *object = json_parse(json, strlen(json), error);
	if (!object)
		return -ENOMEM;
	json_append_python(object, false, &params);
	text_append(&params, "\n");
	sweep_params_append(&sweep, object);
	cJSON_Delete(object);
	int rc = write_file(folder->params_file, &params, error);
	if (rc < 0)
		text_finish(&sweep);
	return rc < 0 ? rc : write_file(folder->sweep_file, &sweep, error);
}

/* Absolute, since a program may change its directory. */
static const char *name_study(struct arena *arena, const char *home, const struct assigned_run *run)
{
	char here[4096] = "";
	if (*home != '/' && !getcwd(here, sizeof here - 1))
		return NULL;
	return arena_printf(arena, "%s%s%s/" HOME_RUNS "/%s", here, *here ? "/" : "", home, run->study);
}

static int make_folder(char *path, struct error *error)
{
	int rc = make_path(path);
	return rc < 0 ? error_set(error, rc, "cannot make the run's folder %s: %s", path, strerror(-rc)) : 0;
}

static int name_parts(struct run_folder *folder, struct arena *arena, const char *home, const struct assigned_run *run,
        struct error *error)
{
	const char *study = name_study(arena, home, run);
	if (!study)
		return error_no_memory(error);
	long long number = run->number, fold = run->fold;
	char *path = arena_printf(arena, "%s/%lld-%lld-%lld", study, number, fold, (long long)run->attempt);
	folder->checkpoint = arena_printf(arena, "%s/%lld-%lld" CHECKPOINT_FOLDER_SUFFIX, study, number, fold);
	if (!path || !folder->checkpoint)
		return error_no_memory(error);
	int rc = make_folder(path, error);
	if (rc < 0)
		return rc;
	folder->path = path;
	folder->params_file = arena_printf(arena, "%s/params.json", path);
	folder->sweep_file = arena_printf(arena, "%s/sweep-params.yaml", path);
	return folder->params_file && folder->sweep_file ? 0 : error_no_memory(error);
}

/* An attempt that was given up as lost may still be running, cut off from the daemon: what it keeps
 * there is not touched. */
static int hold_checkpoint(struct run_folder *folder, struct arena *arena, bool first, struct error *error)
{
	int lock = checkpoint_folder_hold(folder->checkpoint, first);
	if (lock == -EWOULDBLOCK) {
		folder->checkpoint = arena_printf(arena, "%s" CHECKPOINT_FOLDER_SUFFIX, folder->path);
		if (!folder->checkpoint)
			return error_no_memory(error);
		lock = checkpoint_folder_hold(folder->checkpoint, true);
	}
	if (lock < 0)
		return error_set(error, lock, "cannot make the folder for checkpoints %s: %s", folder->checkpoint,
		        strerror(-lock));
	folder->checkpoint_lock = lock;
	return 0;
}

int run_folder_make(struct run_folder *out, struct arena *arena, const char *home, const struct assigned_run *run,
        struct error *error)
{
	struct run_folder folder;
	int rc = name_parts(&folder, arena, home, run, error);
	if (rc < 0)
		return rc;
	rc = write_params(&folder, run->params, error);
	if (rc == 0)
		rc = hold_checkpoint(&folder, arena, run->attempt == 0, error);
	if (rc == 0)
		*out = folder;
	return rc;
}
