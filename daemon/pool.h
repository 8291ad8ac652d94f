/* The studies' jobs on libuv's pool of threads.
 *
 * The pool has four threads unless UV_THREADPOOL_SIZE says otherwise, and files and names are
 * looked up there too, so no more than POOL_AT_ONCE jobs are in it; of long ones one, so that a
 * suggestion never waits for an importance job. The others wait here in the order they came, which
 * is fair: a study has one suggestion at a time. */
#ifndef DAEMON_POOL_H
#define DAEMON_POOL_H

#include <uv.h>

#include "daemon/studies/study_table.h"
#include "schema/base/list.h"

#define POOL_AT_ONCE 2

struct job_pool {
	uv_loop_t *loop;
	struct list waiting, running; /* struct pool_task */
	size_t running_count, long_count;
	bool closed;
	void (*done)(void *context, struct study_job *job);
	void *context;
};

/* An empty pool; `done` gets every job back, on the loop's thread. */
void pool_init(
        struct job_pool *pool, uv_loop_t *loop, void (*done)(void *context, struct study_job *job), void *context);

/* Takes a job; never calls `done` by itself. 0, -ENOMEM, or -ECANCELED from a closed pool. */
int pool_add(struct job_pool *pool, struct study_job *job);

/* Takes no more: jobs that have not begun are given back at once, those under way when they end,
 * before the loop runs dry. Repeating it is fine. */
void pool_close(struct job_pool *pool);

#endif
