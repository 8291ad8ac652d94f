#include "worker/agent/uploads.h"

#include "schema/base/log.h"
#include "schema/base/memory.h"
#include "worker/agent/blob_upload.h"

struct pending_upload {
	struct list_link link; /* uploads::noted or waiting */
	struct lease_claim claim;
	char *folder; /* owned */
};

static void upload_destroy(struct pending_upload *upload)
{
	list_remove(&upload->link);
	memory_free(upload->folder);
	memory_free(upload);
}

static void clear(struct list *list)
{
	while (!list_empty(list))
		upload_destroy(list_entry(list->head.next, struct pending_upload, link));
}

static struct pending_upload *find(struct list *list, struct lease_claim claim)
{
	struct list_link *at, *following;
	list_each (at, following, list) {
		struct pending_upload *upload = list_entry(at, struct pending_upload, link);
		if (upload->claim.run_id == claim.run_id && upload->claim.lease == claim.lease)
			return upload;
	}
	return NULL;
}

/* ---- the thread ---- */

/* The next one, taken off, or NULL when it is to end. */
static struct pending_upload *wait_for_one(struct uploads *uploads)
{
	struct pending_upload *upload = NULL;
	uv_mutex_lock(&uploads->lock);
	uploads->busy = false;
	while (!uploads->closing && list_empty(&uploads->waiting))
		uv_cond_wait(&uploads->wake, &uploads->lock);
	if (!uploads->closing) {
		upload = list_entry(uploads->waiting.head.next, struct pending_upload, link);
		list_remove(&upload->link);
		uploads->busy = true;
	}
	uv_mutex_unlock(&uploads->lock);
	return upload;
}

static void work(void *context)
{
	struct uploads *uploads = context;
	struct pending_upload *upload;
	while ((upload = wait_for_one(uploads))) {
		const struct blob_upload_plan plan = {*uploads->link, upload->claim, upload->folder, &uploads->stop};
		blob_upload_run(&plan);
		upload_destroy(upload);
		uv_mutex_lock(&uploads->lock);
		uploads->busy = false;
		uv_mutex_unlock(&uploads->lock);
		uv_async_send(&uploads->over);
	}
}

/* ---- from the loop ---- */

static void on_over(uv_async_t *over)
{
	struct uploads *uploads = over->data;
	uploads->done(uploads->context);
}

int uploads_init(struct uploads *uploads, uv_loop_t *loop)
{
	list_init(&uploads->noted);
	list_init(&uploads->waiting);
	int rc = uv_mutex_init(&uploads->lock);
	if (rc == 0)
		rc = uv_cond_init(&uploads->wake);
	if (rc == 0)
		rc = uv_async_init(loop, &uploads->over, on_over);
	uploads->over.data = uploads;
	return rc;
}

void uploads_note(struct uploads *uploads, struct lease_claim claim, const char *folder)
{
	struct pending_upload *upload = memory_alloc(1, sizeof *upload);
	char *copy = memory_strdup(folder);
	if (!upload || !copy) {
		memory_free(upload);
		memory_free(copy);
		return;
	}
	upload->claim = claim;
	upload->folder = copy;
	list_append(&uploads->noted, &upload->link);
}

void uploads_begin(struct uploads *uploads, struct lease_claim claim)
{
	struct pending_upload *upload = find(&uploads->noted, claim);
	if (!upload)
		return;
	if (!uploads->running)
		uploads->running = uv_thread_create(&uploads->thread, work, uploads) == 0;
	if (!uploads->running || atomic_load(&uploads->stop)) {
		upload_destroy(upload);
		return;
	}
	list_remove(&upload->link);
	uv_mutex_lock(&uploads->lock);
	list_append(&uploads->waiting, &upload->link);
	uv_cond_signal(&uploads->wake);
	uv_mutex_unlock(&uploads->lock);
}

void uploads_forget(struct uploads *uploads, struct lease_claim claim)
{
	struct pending_upload *upload = find(&uploads->noted, claim);
	if (upload)
		upload_destroy(upload);
}

bool uploads_are_busy(struct uploads *uploads)
{
	uv_mutex_lock(&uploads->lock);
	bool busy = uploads->busy || !list_empty(&uploads->waiting);
	uv_mutex_unlock(&uploads->lock);
	return busy;
}

void uploads_stop(struct uploads *uploads)
{
	atomic_store(&uploads->stop, true);
	uv_mutex_lock(&uploads->lock);
	if (!list_empty(&uploads->waiting))
		log_warning("what some runs left stays here: the worker ends");
	clear(&uploads->waiting);
	uv_mutex_unlock(&uploads->lock);
}

void uploads_close(struct uploads *uploads)
{
	uploads_stop(uploads);
	uv_mutex_lock(&uploads->lock);
	uploads->closing = true;
	uv_cond_signal(&uploads->wake);
	uv_mutex_unlock(&uploads->lock);
	if (uploads->running)
		uv_thread_join(&uploads->thread);
	clear(&uploads->noted);
	uv_close((uv_handle_t *)&uploads->over, NULL);
}
