#define _GNU_SOURCE /* realpath */
#include "worker/agent/file_search.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/base/home.h"
#include "schema/base/log.h"
#include "schema/base/memory.h"
#include "worker/agent/blob_fetch.h"

struct file_search {
	uv_thread_t thread;
	uv_async_t over;
	struct file_search_plan plan;
	struct found_file *found; /* (run->files.count) owned until they are taken */
	atomic_bool stop;
	atomic_int percent;
	_Atomic(const char *) fetching; /* name of the file that is on its way; NULL = none */
	int rc;
	struct error error;
};

/* ---- where it may be ---- */

/* 0 when the study's path leads to it, or to what may be it; else why not. */
static int look_at_path(struct file_sources *sources, const struct run_file *file, struct error *error)
{
	struct stat status;
	char sha256[SHA256_HEX_BYTES];
	if (stat(file->path, &status) < 0)
		return error_set(error, -errno, "file '%s' of the study is not on this worker: %s: %s", file->name,
		        file->path, strerror(errno));
	if (file->size_bytes > 0 && S_ISREG(status.st_mode) && status.st_size != file->size_bytes)
		return error_set(error, -ESTALE, "file '%s' differs from the study's: %s has %lld bytes, not %lld",
		        file->name, file->path, (long long)status.st_size, (long long)file->size_bytes);
	if (!*file->sha256 && !sources->remote)
		return 0;
	int rc = known_files_hash(sha256, &sources->known, file->path);
	if (rc == 0 && strcmp(sha256, file->sha256) == 0)
		return 0;
	return error_set(error, -EPERM,
	        "file '%s': %s has not the content of the study's, and a daemon elsewhere may name no other",
	        file->name, file->path);
}

/* 0 when it is in that store. */
static int look_in_store(struct found_file *found, const struct blob_store *store, const char *sha256)
{
	int fd;
	int64_t size_bytes;
	int rc = blob_open(&fd, &size_bytes, store, sha256);
	if (rc < 0)
		return rc;
	char *path = blob_path(store, sha256), *absolute = path ? realpath(path, NULL) : NULL;
	found->path = absolute ? memory_strdup(absolute) : NULL;
	found->held = fd;
	memory_free(path);
	free(absolute);
	return found->path ? 0 : -ENOMEM;
}

static int look_in_home(struct found_file *found, const struct file_sources *sources, const char *sha256)
{
	char folder[PATH_MAX];
	struct blob_store store;
	snprintf(folder, sizeof folder, "%s/" HOME_BLOBS, sources->home);
	if (access(folder, R_OK) < 0 || blob_store_open(&store, folder, NULL) < 0)
		return -ENOENT;
	int rc = look_in_store(found, &store, sha256);
	blob_store_close(&store);
	return rc;
}

/* From the cache, after it was fetched into it where it was not there. */
static int fetch(struct found_file *found, struct file_search *search, const struct run_file *file, struct error *error)
{
	struct file_sources *sources = search->plan.sources;
	struct blob_store cache;
	int rc = blob_store_open(&cache, sources->cache, error);
	if (rc < 0)
		return rc;
	rc = look_in_store(found, &cache, file->sha256);
	if (rc < 0) {
		struct blob_fetch fetching = {.link = sources->link,
		        .store = &cache,
		        .cache_bytes = sources->cache_bytes,
		        .file = file,
		        .stop = &search->stop,
		        .percent = &search->percent};
		log_info("fetching '%s'", file->name);
		atomic_store(&search->percent, 0);
		atomic_store(&search->fetching, file->name);
		rc = blob_fetch_run(&fetching, error);
		atomic_store(&search->fetching, NULL);
		if (rc == 0 && (rc = look_in_store(found, &cache, file->sha256)) < 0)
			error_set(error, rc, "%s: %s", sources->cache, strerror(-rc));
		if (rc == 0)
			blob_store_trim(&cache, sources->cache_bytes);
	}
	blob_store_close(&cache);
	return rc;
}

static int find(struct found_file *found, struct file_search *search, const struct run_file *file, struct error *error)
{
	struct error why = {""};
	int there = look_at_path(search->plan.sources, file, error);
	if (there == 0 || !*file->sha256)
		return there;
	if (there == -ESTALE || there == -EPERM)
		log_warning("%s is no longer what the study has as '%s': its own copy is used", file->path, file->name);
	int rc = look_in_home(found, search->plan.sources, file->sha256);
	if (rc < 0)
		rc = fetch(found, search, file, &why);
	if (rc < 0 && rc != -ECANCELED)
		return error_fold(error, rc, error, "%s; %s", error->text, why.text);
	return rc;
}

/* ---- the thread ---- */

/* Without it the run begins anew, which is better than not at all. */
static int find_checkpoint(struct file_search *search)
{
	const struct assigned_run *run = search->plan.run;
	struct found_file *found = search->found + run->files.count;
	struct error why = {""};
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < run->checkpoint.count; i++)
		rc = find(&found[i], search, &run->checkpoint.items[i], &why);
	if (rc < 0 && rc != -ECANCELED) {
		log_warning("%s %lld begins anew: %s", run->study, (long long)run->number, why.text);
		found_files_leave(found, run->checkpoint.count);
		rc = 0;
	}
	return rc;
}

static void work(void *context)
{
	struct file_search *search = context;
	const struct assigned_run *run = search->plan.run;
	for (size_t i = 0; search->rc == 0 && i < run->files.count; i++)
		search->rc = find(&search->found[i], search, &run->files.items[i], &search->error);
	if (search->rc == 0)
		search->rc = find_checkpoint(search);
	uv_async_send(&search->over);
}

static void on_closed(uv_handle_t *handle)
{
	struct file_search *search = handle->data;
	memory_free(search);
}

static void on_over(uv_async_t *over)
{
	struct file_search *search = over->data;
	const size_t count = found_files_count(search->plan.run);
	uv_thread_join(&search->thread);
	search->plan.done(search->plan.context, search, search->rc, &search->error);
	if (search->found)
		found_files_leave(search->found, count);
	memory_free(search->found);
	uv_close((uv_handle_t *)over, on_closed);
}

/* ---- life ---- */

static struct file_search *create(const struct file_search_plan *plan)
{
	const size_t count = found_files_count(plan->run);
	struct file_search *search = memory_alloc(1, sizeof *search);
	struct found_file *found = memory_alloc(count + 1, sizeof *found);
	if (!search || !found) {
		memory_free(search);
		memory_free(found);
		return NULL;
	}
	for (size_t i = 0; i < count; i++)
		found[i].held = -1;
	search->plan = *plan;
	search->found = found;
	search->over.data = search;
	return search;
}

int file_search_start(struct file_search **out, uv_loop_t *loop, const struct file_search_plan *plan)
{
	struct file_search *search = create(plan);
	if (!search)
		return -ENOMEM;
	int rc = uv_async_init(loop, &search->over, on_over);
	if (rc < 0) {
		memory_free(search->found);
		memory_free(search);
		return rc;
	}
	rc = uv_thread_create(&search->thread, work, search);
	if (rc < 0) {
		memory_free(search->found);
		uv_close((uv_handle_t *)&search->over, on_closed);
		return rc;
	}
	*out = search;
	return 0;
}

const char *file_search_fetching(int64_t *percent, struct file_search *search)
{
	const char *name = search ? atomic_load(&search->fetching) : NULL;
	if (name)
		*percent = atomic_load(&search->percent);
	return name;
}

void file_search_stop(struct file_search *search)
{
	if (search)
		atomic_store(&search->stop, true);
}

struct found_file *file_search_take(struct file_search *search)
{
	struct found_file *found = search->found;
	search->found = NULL;
	return found;
}

size_t found_files_count(const struct assigned_run *run)
{
	return run->files.count + run->checkpoint.count;
}

void found_files_leave(struct found_file *files, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (files[i].held >= 0)
			close(files[i].held);
		memory_free(files[i].path);
		files[i] = (struct found_file){.held = -1};
	}
}
