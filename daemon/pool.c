#include "daemon/pool.h"

#include <errno.h>

#include "schema/base/memory.h"

struct errand {
	uv_work_t work;
	struct list_link link; /* pool::waiting or pool::running */
	struct pool *pool;
	struct study_job *job; /* borrowed until it is given back */
};

void pool_init(struct pool *pool, uv_loop_t *loop, void (*done)(void *context, struct study_job *job), void *context)
{
	*pool = (struct pool){.loop = loop, .done = done, .context = context};
	list_init(&pool->waiting);
	list_init(&pool->running);
}

static void give_back(struct errand *errand)
{
	struct pool *pool = errand->pool;
	struct study_job *job = errand->job;
	list_remove(&errand->link);
	memory_free(errand);
	pool->done(pool->context, job);
}

static void run(uv_work_t *work)
{
	struct errand *errand = work->data;
	study_job_run(errand->job);
}

static void start_waiting(struct pool *pool);

static void after_run(uv_work_t *work, int status)
{
	(void)status; /* cancelled or not: the job knows whether it ran */
	struct errand *errand = work->data;
	struct pool *pool = errand->pool;
	pool->running_count--;
	pool->long_count -= study_job_is_long(errand->job);
	give_back(errand);
	start_waiting(pool);
}

static struct errand *next_errand(const struct pool *pool)
{
	struct list_link *at, *following;
	list_each (at, following, &pool->waiting) {
		struct errand *errand = list_entry(at, struct errand, link);
		if (pool->long_count == 0 || !study_job_is_long(errand->job))
			return errand;
	}
	return NULL;
}

static void start_waiting(struct pool *pool)
{
	struct errand *errand;
	while (pool->running_count < POOL_AT_ONCE && (errand = next_errand(pool))) {
		list_remove(&errand->link);
		list_append(&pool->running, &errand->link);
		pool->running_count++;
		pool->long_count += study_job_is_long(errand->job);
		uv_queue_work(pool->loop, &errand->work, run, after_run); /* fails without a callback only */
	}
}

int pool_add(struct pool *pool, struct study_job *job)
{
	if (pool->closed)
		return -ECANCELED;
	struct errand *errand = memory_alloc(1, sizeof *errand);
	if (!errand)
		return -ENOMEM;
	errand->work.data = errand;
	errand->pool = pool;
	errand->job = job;
	list_append(&pool->waiting, &errand->link);
	start_waiting(pool);
	return 0;
}

void pool_close(struct pool *pool)
{
	struct list_link *at, *following;
	pool->closed = true;
	list_each (at, following, &pool->waiting)
		give_back(list_entry(at, struct errand, link));
	list_each (at, following, &pool->running) /* one that no thread has begun comes back at once */
		uv_cancel((uv_req_t *)&list_entry(at, struct errand, link)->work);
}
