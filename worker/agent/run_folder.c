#include "worker/agent/run_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/base/file.h"
#include "schema/base/folder.h"
#include "schema/base/home.h"
#include "schema/base/run_models.h"
#include "schema/base/sha256.h"
#include "schema/base/text.h"
#include "schema/space/json.h"
#include "schema/space/json_parse.h"
#include "worker/agent/checkpoint_folder.h"
#include "worker/agent/sweep_params.h"

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
static const char *name_home(struct arena *arena, const char *home)
{
	char here[4096] = "";
	if (*home != '/' && !getcwd(here, sizeof here - 1))
		return NULL;
	return arena_printf(arena, "%s%s%s", here, *here ? "/" : "", home);
}

/* What makes it the same run: that of the same number in a deleted study of the same name is
 * another one. */
static void name_checkpoint(char out[SHA256_HEX_BYTES], const struct assigned_run *run)
{
	struct sha256 digest;
	char seed[32];
	sha256_init(&digest);
	sha256_add(&digest, seed, (size_t)snprintf(seed, sizeof seed, "%lld", (long long)run->seed));
	sha256_add(&digest, run->params, strlen(run->params));
	for (size_t i = 0; i < run->files.count; i++)
		sha256_add(&digest, run->files.items[i].sha256, strlen(run->files.items[i].sha256));
	sha256_read(out, &digest);
	out[CHECKPOINT_HASH_DIGITS] = '\0';
}

static int name_parts(struct run_folder *folder, struct arena *arena, const char *study, const struct assigned_run *run)
{
	long long number = run->number, fold = run->fold;
	char hash[SHA256_HEX_BYTES];
	name_checkpoint(hash, run);
	folder->path = arena_printf(arena, "%s/%lld-%lld-%lld", study, number, fold, (long long)run->attempt);
	folder->checkpoint = arena_printf(arena, "%s/%lld-%lld-%s" CHECKPOINT_FOLDER_SUFFIX, study, number, fold, hash);
	folder->params_file = folder->path ? arena_printf(arena, "%s/params.json", folder->path) : NULL;
	folder->sweep_file = folder->path ? arena_printf(arena, "%s/sweep-params.yaml", folder->path) : NULL;
	return folder->checkpoint && folder->params_file && folder->sweep_file ? 0 : -ENOMEM;
}

static const char *last_name(const char *path)
{
	return strrchr(path, '/') + 1;
}

static int open_home(const char *home)
{
	int folder = open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return folder < 0 ? -errno : folder;
}

/* The folder of the study below the home, without a link on the way. */
static int open_study(char *home, const char *name)
{
	int rc = folder_make_path(home);
	int folder = rc < 0 ? rc : open_home(home);
	if (folder < 0)
		return folder;
	int runs = folder_make(folder, HOME_RUNS);
	close(folder);
	if (runs < 0)
		return runs;
	int study = folder_make(runs, name);
	close(runs);
	return study;
}

/* What lies in it is of a study of that name which is no more: nobody may take its scores for this
 * run's. */
static int hold_folder(struct run_folder *folder, int study, struct error *error)
{
	int lock = folder_hold(study, last_name(folder->path));
	if (lock == -EWOULDBLOCK)
		return error_set(
		        error, lock, "%s is still used by a program of an earlier study of that name", folder->path);
	int rc = lock < 0 ? lock : folder_empty(lock);
	folder->lock = lock;
	return rc < 0 ? error_set(error, rc, "cannot make the run's folder %s anew: %s", folder->path, strerror(-rc))
	              : 0;
}

/* An attempt that was given up as lost may still be running, cut off from the daemon: what it keeps
 * there is not touched. */
static int hold_checkpoint(struct run_folder *folder, struct arena *arena, int study, bool first)
{
	int lock = checkpoint_folder_hold(study, last_name(folder->checkpoint), first);
	if (lock == -EWOULDBLOCK) {
		folder->checkpoint = arena_printf(arena, "%s" CHECKPOINT_FOLDER_SUFFIX, folder->path);
		if (!folder->checkpoint)
			return -ENOMEM;
		lock = checkpoint_folder_hold(study, last_name(folder->checkpoint), true);
	}
	folder->checkpoint_lock = lock;
	return lock < 0 ? lock : 0;
}

/* Those of trials that have lost meanwhile; what cannot be removed stays for `kre-search clean`. */
static void drop_models(int study, const struct kept_models *keep)
{
	struct models_freed freed = {0};
	if (keep)
		run_models_drop(&freed, study,
		        &(struct models_rule){keep->before, keep->numbers.count, keep->numbers.items, false});
}

static int fill(struct run_folder *folder, struct arena *arena, const struct assigned_run *run, struct error *error)
{
	char *home = arena_strdup(arena, folder->home);
	int rc = home_check_owner(folder->home, error);
	if (rc < 0)
		return rc;
	int study = home ? open_study(home, run->study) : -ENOMEM;
	if (study < 0)
		return error_set(error, study, "cannot make the folder %s/" HOME_RUNS "/%s: %s", folder->home,
		        run->study, strerror(-study));
	drop_models(study, run->keep);
	rc = hold_folder(folder, study, error);
	if (rc == 0)
		rc = write_params(folder, run->params, error);
	if (rc == 0 && (rc = hold_checkpoint(folder, arena, study, run->attempt == 0)) < 0)
		error_set(
		        error, rc, "cannot make the folder for checkpoints %s: %s", folder->checkpoint, strerror(-rc));
	close(study);
	return rc;
}

int run_folder_make(struct run_folder *out, struct arena *arena, const char *home, const struct assigned_run *run,
        struct error *error)
{
	struct run_folder folder = {.home = name_home(arena, home), .lock = -1, .checkpoint_lock = -1};
	const char *study = folder.home ? arena_printf(arena, "%s/" HOME_RUNS "/%s", folder.home, run->study) : NULL;
	if (!study || name_parts(&folder, arena, study, run) < 0)
		return error_no_memory(error);
	int rc = fill(&folder, arena, run, error);
	if (rc == 0)
		*out = folder;
	else
		run_folder_leave(&folder);
	return rc;
}

void run_folder_leave(struct run_folder *folder)
{
	if (folder->lock >= 0)
		close(folder->lock);
	if (folder->checkpoint_lock >= 0)
		close(folder->checkpoint_lock);
	folder->lock = folder->checkpoint_lock = -1;
}
