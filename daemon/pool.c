#include "daemon/pool.h"

#include <errno.h>

#include "daemon/studies/job.h"
#include "schema/base/memory.h"

struct pool_task {
	uv_work_t work;
	struct list_link link; /* pool::waiting or pool::running */
	struct job_pool *pool;
	struct study_job *job; /* borrowed until it is given back */
};

void pool_init(
        struct job_pool *pool, uv_loop_t *loop, void (*done)(void *context, struct study_job *job), void *context)
{
	*pool = (struct job_pool){.loop = loop, .done = done, .context = context};
	list_init(&pool->waiting);
	list_init(&pool->running);
}

static void give_back(struct pool_task *task)
{
	struct job_pool *pool = task->pool;
	struct study_job *job = task->job;
	list_remove(&task->link);
	memory_free(task);
	pool->done(pool->context, job);
}

static void run(uv_work_t *work)
{
	struct pool_task *task = work->data;
	study_job_run(task->job);
}

static void start_waiting(struct job_pool *pool);

static void after_run(uv_work_t *work, int status)
{
	(void)status; /* cancelled or not: the job knows whether it ran */
	struct pool_task *task = work->data;
	struct job_pool *pool = task->pool;
	pool->running_count--;
	pool->long_count -= study_job_is_long(task->job);
	give_back(task);
	start_waiting(pool);
}

static struct pool_task *next_task(const struct job_pool *pool)
{
	struct list_link *at, *following;
	list_each (at, following, &pool->waiting) {
		struct pool_task *task = list_entry(at, struct pool_task, link);
		if (pool->long_count == 0 || !study_job_is_long(task->job))
			return task;
	}
	return NULL;
}

static void start_waiting(struct job_pool *pool)
{
	struct pool_task *task;
	while (pool->running_count < POOL_AT_ONCE && (task = next_task(pool))) {
		list_remove(&task->link);
		list_append(&pool->running, &task->link);
		pool->running_count++;
		pool->long_count += study_job_is_long(task->job);
		uv_queue_work(pool->loop, &task->work, run, after_run); /* fails without a callback only */
	}
}

int pool_add(struct job_pool *pool, struct study_job *job)
{
	if (pool->closed)
		return -ECANCELED;
	struct pool_task *task = memory_alloc(1, sizeof *task);
	if (!task)
		return -ENOMEM;
	task->work.data = task;
	task->pool = pool;
	task->job = job;
	list_append(&pool->waiting, &task->link);
	start_waiting(pool);
	return 0;
}

void pool_close(struct job_pool *pool)
{
	struct list_link *at, *following;
	pool->closed = true;
	list_each (at, following, &pool->waiting)
		give_back(list_entry(at, struct pool_task, link));
	list_each (at, following, &pool->running) /* one that no thread has begun comes back at once */
		uv_cancel((uv_req_t *)&list_entry(at, struct pool_task, link)->work);
}
