#include "worker/agent/checkpoint_follow.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "schema/base/clock.h"
#include "schema/base/folder.h"
#include "schema/base/log.h"
#include "schema/base/memory.h"
#include "schema/base/rng.h"
#include "worker/agent/blob_upload.h"

#define STEP_MS 100
#define PAUSE_MS 1000   /* at least, between two looks */
#define SHARE 10        /* so many times as long as the last one took nothing is brought */
#define REFUSED_MS 5000 /* after it did not come there */
#define DEPTH_MAX 8

struct checkpoint_follow {
	uv_thread_t thread;
	uv_async_t over;
	const struct link_options *link;
	struct lease_claim claim;
	atomic_bool stop;
	char *folder, *label; /* owned */
};

/* ---- the thread ---- */

static uint64_t look_in(int parent, const char *name, int depth);

static uint64_t look_at(int folder, const char *entry, int depth)
{
	struct stat status;
	if (fstatat(folder, entry, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (S_ISDIR(status.st_mode) && depth < DEPTH_MAX)
		return look_in(folder, entry, depth + 1);
	uint64_t when = rng_mix((uint64_t)status.st_mtim.tv_sec, (uint64_t)status.st_mtim.tv_nsec);
	return S_ISREG(status.st_mode) ? rng_mix(rng_mix(when, (uint64_t)status.st_size), status.st_ino) : 0;
}

/* A number that changes with the files; 0 = there is none. */
static uint64_t look_in(int parent, const char *name, int depth)
{
	uint64_t sum = 0;
	const char *entry;
	DIR *listing = folder_walk(parent, name);
	while (listing && (entry = folder_next(listing)))
		sum += look_at(dirfd(listing), entry, depth);
	if (listing)
		closedir(listing);
	return sum;
}

static void wait_ms(const struct checkpoint_follow *follow, int64_t ms)
{
	const struct timespec step = {.tv_nsec = STEP_MS * 1000000L};
	for (; ms > 0 && !atomic_load(&follow->stop); ms -= STEP_MS)
		nanosleep(&step, NULL);
}

/* Returns how long to wait before the next look. */
static int64_t bring(struct checkpoint_follow *follow, uint64_t *brought, uint64_t seen)
{
	struct clock *clock = clock_system();
	struct error error = {""};
	const struct blob_upload_plan plan = {*follow->link, follow->claim, follow->folder, &follow->stop, true};
	int64_t start_ms = clock->monotonic(clock).ms;
	int rc = blob_upload_checkpoint(&plan, &error);
	int64_t pause_ms = SHARE * (clock->monotonic(clock).ms - start_ms);
	if (rc == 0)
		*brought = seen;
	else if (!atomic_load(&follow->stop))
		log_info("%s: its checkpoint did not reach the daemon: %s", follow->label, error.text);
	int64_t least_ms = rc == 0 ? PAUSE_MS : REFUSED_MS;
	return pause_ms > least_ms ? pause_ms : least_ms;
}

static void work(void *context)
{
	struct checkpoint_follow *follow = context;
	uint64_t brought = 0;
	int64_t pause_ms = PAUSE_MS;
	while (!atomic_load(&follow->stop)) {
		wait_ms(follow, pause_ms);
		uint64_t seen = atomic_load(&follow->stop) ? 0 : look_in(AT_FDCWD, follow->folder, 0);
		pause_ms = seen && seen != brought ? bring(follow, &brought, seen) : PAUSE_MS;
	}
	uv_async_send(&follow->over);
}

/* ---- from the loop ---- */

static void destroy(struct checkpoint_follow *follow)
{
	memory_free(follow->folder);
	memory_free(follow->label);
	memory_free(follow);
}

static void on_closed(uv_handle_t *handle)
{
	destroy(handle->data);
}

static void on_over(uv_async_t *over)
{
	struct checkpoint_follow *follow = over->data;
	uv_thread_join(&follow->thread);
	uv_close((uv_handle_t *)over, on_closed);
}

static struct checkpoint_follow *create(const struct checkpoint_follow_plan *plan)
{
	struct checkpoint_follow *follow = memory_alloc(1, sizeof *follow);
	if (!follow)
		return NULL;
	follow->link = plan->link;
	follow->claim = plan->claim;
	follow->folder = memory_strdup(plan->folder);
	follow->label = memory_strdup(plan->label);
	follow->over.data = follow;
	if (follow->folder && follow->label)
		return follow;
	destroy(follow);
	return NULL;
}

int checkpoint_follow_start(struct checkpoint_follow **out, uv_loop_t *loop, const struct checkpoint_follow_plan *plan)
{
	struct checkpoint_follow *follow = create(plan);
	if (!follow)
		return -ENOMEM;
	int rc = uv_async_init(loop, &follow->over, on_over);
	if (rc < 0) {
		destroy(follow);
		return rc;
	}
	rc = uv_thread_create(&follow->thread, work, follow);
	if (rc < 0)
		uv_close((uv_handle_t *)&follow->over, on_closed);
	else
		*out = follow;
	return rc;
}

void checkpoint_follow_stop(struct checkpoint_follow *follow)
{
	if (follow)
		atomic_store(&follow->stop, true);
}
