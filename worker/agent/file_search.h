/* Where the files of a run are on this machine. One that has a hash is looked for by it: at the
 * path that the study gives, among the files of a daemon in our home, in the cache; else it is
 * fetched. On a thread of its own, for hashing and fetching take long and leases have to be renewed
 * meanwhile. */
#ifndef WORKER_AGENT_FILE_SEARCH_H
#define WORKER_AGENT_FILE_SEARCH_H

#include <uv.h>

#include "schema/api/work.h"
#include "schema/transport/link.h"
#include "worker/agent/known_files.h"

/* What all searches of a worker share. */
struct file_sources {
	struct link_options link; /* whose second connection fetches */
	char session[128];        /* of the first one */
	const char *home, *cache; /* folders */
	int64_t cache_bytes;      /* that the cache may have */
	bool remote;              /* the daemon is on another machine: a file without a hash may be any */
	struct known_files known;
};

struct found_file {
	char *path; /* owned, absolute; NULL = the study's own path */
	int held;   /* descriptor of the blob, so that it stays while the run needs it; -1 = none */
};

struct file_search;

/* From the loop, once. `rc` is 0, -ECANCELED, or another negative errno with a sentence; the search
 * is freed when it returns. */
typedef void file_search_done(void *context, struct file_search *search, int rc, const struct error *error);

/* Begins to look for the run's files; all but `out` is borrowed until `done`. 0, -ENOMEM, or what
 * kept the thread from starting. */
struct file_search_plan {
	struct file_sources *sources;
	const struct assigned_run *run;
	file_search_done *done;
	void *context;
};
int file_search_start(struct file_search **out, uv_loop_t *loop, const struct file_search_plan *plan);

/* Which file is on its way just now, and how much of it is here; NULL = none. For any thread. */
const char *file_search_fetching(int64_t *percent, struct file_search *search);

/* Has it end soon. NULL is fine. */
void file_search_stop(struct file_search *search);

/* What was found, for each file of the run, in their order, and behind them for each of its
 * checkpoint's; taken by the caller (memory_free, after found_files_leave). */
struct found_file *file_search_take(struct file_search *search);
size_t found_files_count(const struct assigned_run *run);
void found_files_leave(struct found_file *files, size_t count);

#endif
