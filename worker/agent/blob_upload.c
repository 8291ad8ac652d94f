#include "worker/agent/blob_upload.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "schema/api/blob.h"
#include "schema/base/base64.h"
#include "schema/base/log.h"
#include "schema/blobs/blob_store.h"
#include "schema/transport/link_sync.h"
#include "worker/agent/leavings.h"

#define ANSWER_MS 10000
#define ATTEMPTS 6
#define CONNECTION_MS ((int64_t)1000) /* after a connection was lost, twice as long each time */
#define ROOM_MS ((int64_t)30000)      /* after the daemon had no room, likewise: a quarter of an hour in all */
#define STEP_MS 100

struct uploading {
	const struct blob_upload_plan *plan;
	struct link_sync *connection;
	struct leavings leavings;
	struct artifact_offer_answer answer;
	int refusal; /* the daemon's code for LINK_REFUSED */
};

/* ---- one file ---- */

static int put(struct blob_put_answer *there, struct uploading *uploading, const struct blob_put_request *request,
        struct error *error)
{
	struct arena arena = ARENA_NULL;
	struct link_question question = {METHOD_BLOB_PUT, request, there, &arena, 0};
	int rc = link_sync_call(uploading->connection, &question, error);
	uploading->refusal = question.code;
	arena_finish(&arena);
	return rc;
}

static int bring_piece(struct blob_put_answer *there, struct uploading *uploading, struct blob_put_request *request,
        int fd, struct error *error)
{
	static const size_t most = (size_t)BLOB_CHUNK_BYTES;
	struct arena arena = ARENA_NULL;
	char *bytes = arena_alloc(&arena, most), *data = arena_alloc(&arena, BASE64_LENGTH(most) + 1);
	int64_t got = bytes && data ? blob_read(fd, bytes, most, there->offset) : -ENOMEM;
	int rc = got < 0 ? error_set(error, (int)got, "%s", strerror((int)-got)) : 0;
	if (got == 0 && there->offset < request->size_bytes)
		rc = error_set(error, -ESTALE, "a file became shorter");
	if (rc == 0) {
		base64_write(data, bytes, (size_t)got);
		request->offset = there->offset;
		request->data = data;
		rc = put(there, uploading, request, error);
	}
	arena_finish(&arena);
	return rc;
}

/* First it asks how far the daemon is. */
static int bring(struct uploading *uploading, const struct offered_artifact *artifact, int fd, struct error *error)
{
	const struct lease_claim *claim = &uploading->plan->claim;
	struct blob_put_request request = {.sha256 = artifact->sha256,
	        .size_bytes = artifact->size_bytes,
	        .data = "",
	        .run_id = claim->run_id,
	        .lease = claim->lease};
	struct blob_put_answer there = {0};
	int rc = put(&there, uploading, &request, error);
	while (rc == 0 && !there.done)
		rc = atomic_load(uploading->plan->stop) ? -ECANCELED
		                                        : bring_piece(&there, uploading, &request, fd, error);
	return rc;
}

static const struct offered_artifact *find(const struct leavings *leavings, const char *name)
{
	for (size_t i = 0; i < leavings->count; i++)
		if (strcmp(leavings->items[i].name, name) == 0)
			return &leavings->items[i];
	return NULL;
}

/* What is gone by now is passed over: a later run removes models that have lost. */
static int bring_named(struct uploading *uploading, const char *name, struct error *error)
{
	const struct offered_artifact *artifact = find(&uploading->leavings, name);
	struct arena arena = ARENA_NULL;
	const char *path = arena_printf(&arena, "%s/%s", uploading->plan->folder, name);
	int fd = artifact && path ? open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) : -1;
	int rc = fd >= 0 ? bring(uploading, artifact, fd, error) : 0;
	if (fd >= 0)
		close(fd);
	arena_finish(&arena);
	return rc;
}

/* ---- all of them ---- */

static int offer(struct uploading *uploading, struct arena *arena, struct error *error)
{
	const struct lease_claim *claim = &uploading->plan->claim;
	const struct artifact_offer_request request = {.run_id = claim->run_id,
	        .lease = claim->lease,
	        .artifacts = {uploading->leavings.count, uploading->leavings.items}};
	const enum method_id method = uploading->plan->checkpoint ? METHOD_CHECKPOINT_OFFER : METHOD_ARTIFACT_OFFER;
	struct link_question question = {method, &request, &uploading->answer, arena, 0};
	int rc = link_sync_call(uploading->connection, &question, error);
	uploading->refusal = question.code;
	return rc;
}

/* A checkpoint is a set once it is offered again and nothing of it is wanted. */
static int bring_all(struct uploading *uploading, struct arena *arena, struct error *error)
{
	int rc = offer(uploading, arena, error);
	for (size_t i = 0; rc == 0 && i < uploading->answer.wanted.count; i++)
		rc = bring_named(uploading, uploading->answer.wanted.items[i], error);
	if (rc != 0 || !uploading->plan->checkpoint || uploading->answer.wanted.count == 0)
		return rc;
	rc = offer(uploading, arena, error);
	return rc == 0 && uploading->answer.wanted.count ? error_set(error, -ESTALE, "a file has changed meanwhile")
	                                                 : rc;
}

static int try_once(struct uploading *uploading, struct error *error)
{
	struct arena arena = ARENA_NULL;
	int rc = link_sync_create(&uploading->connection, &uploading->plan->link, ANSWER_MS, error);
	if (rc < 0)
		return rc;
	rc = bring_all(uploading, &arena, error);
	link_sync_destroy(uploading->connection);
	arena_finish(&arena);
	return rc;
}

static void wait_ms(const struct blob_upload_plan *plan, int64_t ms)
{
	const struct timespec step = {.tv_nsec = STEP_MS * 1000000L};
	for (; ms > 0 && !atomic_load(plan->stop); ms -= STEP_MS)
		nanosleep(&step, NULL);
}

/* Somebody may make room on the daemon's disk. */
static int64_t wait_for_room(const struct uploading *uploading, int attempt, const struct error *why)
{
	int64_t ms = ROOM_MS << attempt;
	log_warning("%s: what it left waits here: %s; trying again in %lld s", uploading->plan->folder, why->text,
	        (long long)(ms / 1000));
	return ms;
}

/* A refusal is no better a second time, unless the daemon was in trouble, or had no room. */
static bool is_final(const struct uploading *uploading, int rc)
{
	const int code = uploading->refusal;
	return rc == 0 || rc == -ECANCELED || (rc == LINK_REFUSED && code != WIRE_NO_ROOM && code != WIRE_INTERNAL);
}

static int try_again_and_again(struct uploading *uploading, struct error *error)
{
	int rc = -ECANCELED;
	int64_t pause_ms = 0;
	for (int attempt = 0; attempt < ATTEMPTS && !atomic_load(uploading->plan->stop); attempt++) {
		wait_ms(uploading->plan, pause_ms);
		rc = atomic_load(uploading->plan->stop) ? -ECANCELED : try_once(uploading, error);
		bool full = rc == LINK_REFUSED && uploading->refusal == WIRE_NO_ROOM;
		if (is_final(uploading, rc))
			break;
		if (attempt + 1 < ATTEMPTS)
			pause_ms = full ? wait_for_room(uploading, attempt, error) : CONNECTION_MS << attempt;
	}
	return rc;
}

void blob_upload_run(const struct blob_upload_plan *plan)
{
	struct arena arena = ARENA_NULL;
	struct uploading uploading = {.plan = plan};
	struct error error = {""};
	int rc = leavings_find(&uploading.leavings, &(struct leavings_search){plan->folder, false, plan->stop}, &arena);
	if (rc == 0 && uploading.leavings.count)
		rc = try_again_and_again(&uploading, &error);
	if (rc == -ECANCELED)
		log_info("%s: what it left stays here: the worker ends", plan->folder);
	else if (rc != 0)
		log_warning("%s: what it left did not reach the daemon: %s", plan->folder, error.text);
	arena_finish(&arena);
}

int blob_upload_checkpoint(const struct blob_upload_plan *plan, struct error *error)
{
	struct arena arena = ARENA_NULL;
	struct uploading uploading = {.plan = plan};
	int rc = leavings_find(&uploading.leavings, &(struct leavings_search){plan->folder, true, plan->stop}, &arena);
	if (rc == 0 && uploading.leavings.count)
		rc = try_once(&uploading, error);
	else if (rc < 0)
		error_set(error, rc, "%s", strerror(-rc));
	arena_finish(&arena);
	return rc;
}
